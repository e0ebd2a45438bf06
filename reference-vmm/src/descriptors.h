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

#include <errno.h>
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

/*
 * Comments that begin with an at sign are contracts (proof/README.md), for one
 * thread; that other threads keep them is the matter of proof/descriptors.pml.
 */
/*@
  // A slot is free, open, or closed and still used by a call.
  predicate slot_is_sound(struct descriptor *slot) =
    slot->users < 0x80000000 && (slot->open ==> slot->users > 0);
  predicate table_is_sound(struct descriptors *table) =
    \valid(table) && DESCRIPTORS_FIRST <= table->first < DESCRIPTORS_END &&
    \forall integer i; 0 <= i < DESCRIPTORS_END ==>
      slot_is_sound(&table->slots[i]);
  predicate is_fd(integer fd) = DESCRIPTORS_FIRST <= fd < DESCRIPTORS_END;
*/

/*@
  requires \valid(table);
  assigns *table;
  ensures table_is_sound(table) && table->reserved == 0;
  ensures \forall integer i; 0 <= i < DESCRIPTORS_END ==>
    table->slots[i].users == 0;
*/
void descriptors_init(struct descriptors *table);
/*@
  requires table_is_sound(table);
  assigns table->slots[0 .. DESCRIPTORS_END - 1], errno;
  ensures table_is_sound(table);
  ensures \forall integer i; is_fd(i) ==> !table->slots[i].open;
*/
/* Closes all; no call is in progress. */
void descriptors_release(struct descriptors *table);

/*
 * Promises a number for one descriptors_add(), so that it cannot fail after the
 * host's file was created or cut; -EMFILE when there is none left.
 */
/*@
  requires table_is_sound(table) && table->reserved < DESCRIPTORS_END;
  assigns table->reserved;
  ensures \result == 0 || \result == -EMFILE;
  ensures table->reserved == \old(table->reserved) + (\result == 0 ? 1 : 0);
  ensures \result == 0 ==> \exists integer i; is_fd(i) &&
    table->slots[i].users == 0;
*/
int descriptors_reserve(struct descriptors *table);
/*@
  requires table_is_sound(table) && table->reserved > 0;
  assigns table->reserved;
  ensures table->reserved == \old(table->reserved) - 1;
*/
void descriptors_unreserve(struct descriptors *table);

/*@
  requires table_is_sound(table) && table->reserved > 0;
  requires \exists integer i; is_fd(i) && table->slots[i].users == 0;
  assigns table->slots[0 .. DESCRIPTORS_END - 1], table->first,
    table->reserved;
  ensures table_is_sound(table) && is_fd(\result);
  ensures \old(table->slots[\result].users) == 0;
  ensures table->slots[\result].users == 1 && table->slots[\result].open &&
    table->slots[\result].host == host;
  ensures \forall integer i; 0 <= i < DESCRIPTORS_END && i != \result ==>
    table->slots[i] == \old(table->slots[i]);
  // The lowest free one.
  ensures \old(table->first) == DESCRIPTORS_FIRST ==>
    \forall integer i; DESCRIPTORS_FIRST <= i < \result ==>
      \old(table->slots[i].users) != 0;
*/
/* A free number for host, which the table owns from now on. */
int descriptors_add(struct descriptors *table, int host);

/*@
  requires table_is_sound(table);
  assigns table->slots[fd], errno;
  ensures table_is_sound(table);
  ensures is_fd(fd) ==> !table->slots[fd].open;
  ensures \old(is_fd(fd) && table->slots[fd].open) ?
      table->slots[fd].users == \old(table->slots[fd].users) - 1
    : \result == -EBADF && (is_fd(fd) ==> table->slots[fd].users ==
      \old(table->slots[fd].users));
*/
/* Forgets fd: 0, -EBADF, or what closing the host's file reported. */
int descriptors_close(struct descriptors *table, int32_t fd);

/* The descriptor of fd, NULL if there is none; give it back with _put. */
/*@
  requires table_is_sound(table);
  assigns table->slots[fd].users, errno;
  ensures !is_fd(fd) ==> table_is_sound(table);
  ensures \old(is_fd(fd) && table->slots[fd].open) ?
      \result == &table->slots[fd] &&
      \result->users == \old(table->slots[fd].users) + 1
    : \result == \null && (is_fd(fd) ==> table->slots[fd].users ==
      \old(table->slots[fd].users));
*/
struct descriptor *descriptors_get(struct descriptors *table, int32_t fd);
/*@
  requires \valid(descriptor) && descriptor->users > 0;
  assigns descriptor->users, errno;
  ensures descriptor->users == \old(descriptor->users) - 1;
*/
void descriptors_put(struct descriptor *descriptor);

#endif
