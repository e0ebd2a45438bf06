/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Waiting for the host in a way that the end of the machine cuts short, without
 * signals and their races: every wait also waits for an event descriptor.
 */
#ifndef STOP_H
#define STOP_H

#include <stdatomic.h>
#include <stdbool.h>

struct stop {
	int event; /* readable for good once stopped */
	atomic_bool stopped;
};

/* 0 or -errno. */
int stop_init(struct stop *stop);
void stop_release(struct stop *stop);

/* Ends all waits, now and from now on. Any thread. */
void stop_now(struct stop *stop);

static inline bool stop_is(const struct stop *stop)
{
	return atomic_load_explicit(&stop->stopped, memory_order_relaxed);
}

/* Waits until fd is ready for events (POLLIN, POLLOUT); -EINTR when stopped. */
int stop_wait(const struct stop *stop, int fd, short events);

#endif
