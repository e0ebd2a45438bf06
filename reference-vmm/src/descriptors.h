/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The guest's descriptors: numbers from 3 on, the lowest free one first. While
 * judging a number is given again as late as can be, as on uhyve, so that what
 * uses it after FileClose shows. A host
 * descriptor that a call uses stays open until that call has ended, even when
 * another vCPU closes its number in the meantime.
 */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#define DESCRIPTORS_FIRST 3
#define DESCRIPTORS_END 512

struct descriptor {
	int host;
	atomic_uint users; /* calls in progress, and 1 while it is open */
	atomic_bool open;
};

struct descriptors {
	pthread_mutex_t lock; /* for giving out numbers */
	unsigned reserved;    /* numbers that are promised, not yet chosen */
	int first;            /* where the search for a free one begins */
	bool ascending;       /* it begins after the last one that was given */
	struct descriptor slots[DESCRIPTORS_END];
};

void descriptors_init(struct descriptors *table);
/* Closes all; no call is in progress. */
void descriptors_release(struct descriptors *table);

/*
 * Promises a number for one descriptors_add(), so that it cannot fail after the
 * host's file was created or cut; -EMFILE when there is none left.
 */
int descriptors_reserve(struct descriptors *table);
void descriptors_unreserve(struct descriptors *table);

/* A free number for host, which the table owns from now on. */
int descriptors_add(struct descriptors *table, int host);

/* Forgets fd: 0, -EBADF, or what closing the host's file reported. */
int descriptors_close(struct descriptors *table, int32_t fd);

/* The descriptor of fd, NULL if there is none; give it back with _put. */
struct descriptor *descriptors_get(struct descriptors *table, int32_t fd);
void descriptors_put(struct descriptor *descriptor);

#endif
