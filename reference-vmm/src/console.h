/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The console: one sink for the serial calls and for descriptors 1 and 2, and
 * the host's standard input for descriptor 0 and the serial reads.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "stop.h"

struct console {
	const struct stop *stop;
	int out;              /* -1: nowhere */
	bool own;             /* out was opened here */
	pthread_mutex_t lock; /* one call's bytes stay together */
	int in;
	pthread_mutex_t in_lock; /* never held while waiting */
};

/* output: a file's name, NULL for stdout, "none" for nowhere. 0 or -errno. */
int console_init(struct console *console, const char *output,
		 const struct stop *stop);
void console_release(struct console *console);

/*
 * Writes all bytes at once, without a buffer in between. A sink that fails
 * loses the rest: the guest cannot do anything about it.
 */
void console_write(struct console *console, const void *bytes, size_t len);

/*
 * Reads at most len bytes, 0 at the end of input. Without wait -EAGAIN when
 * there is nothing at the moment; with it -EINTR when the machine ends.
 */
ssize_t console_read(struct console *console, void *to, size_t len, bool wait);

#endif
