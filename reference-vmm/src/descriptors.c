/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "descriptors.h"

#include <errno.h>
#include <stdbool.h>
#include <unistd.h>

void descriptors_init(struct descriptors *table)
{
	pthread_mutex_init(&table->lock, NULL);
	table->reserved = 0;
	table->first = DESCRIPTORS_FIRST;
	table->ascending = false;
	/*@
	  loop invariant 0 <= i <= DESCRIPTORS_END;
	  loop invariant \forall integer j; 0 <= j < i ==>
	    table->slots[j].users == 0 && !table->slots[j].open;
	  loop assigns i, table->slots[0 .. DESCRIPTORS_END - 1];
	  loop variant DESCRIPTORS_END - i;
	*/
	for (unsigned i = 0; i < DESCRIPTORS_END; i++) {
		table->slots[i].host = -1;
		atomic_init(&table->slots[i].users, 0);
		atomic_init(&table->slots[i].open, false);
	}
}

void descriptors_release(struct descriptors *table)
{
	/*@
	  loop invariant DESCRIPTORS_FIRST <= i <= DESCRIPTORS_END;
	  loop invariant table_is_sound(table);
	  loop invariant \forall integer j; DESCRIPTORS_FIRST <= j < i ==>
	    !table->slots[j].open;
	  loop assigns i, table->slots[0 .. DESCRIPTORS_END - 1], errno;
	  loop variant DESCRIPTORS_END - i;
	*/
	for (int i = DESCRIPTORS_FIRST; i < DESCRIPTORS_END; i++)
		descriptors_close(table, i);
	pthread_mutex_destroy(&table->lock);
}

int descriptors_reserve(struct descriptors *table)
{
	unsigned free = 0;

	pthread_mutex_lock(&table->lock);
	/*@
	  loop invariant DESCRIPTORS_FIRST <= i <= DESCRIPTORS_END;
	  loop invariant 0 <= free <= i - DESCRIPTORS_FIRST;
	  loop invariant free > 0 ==> \exists integer j;
	    DESCRIPTORS_FIRST <= j < i && table->slots[j].users == 0;
	  loop assigns i, free;
	  loop variant DESCRIPTORS_END - i;
	*/
	for (int i = DESCRIPTORS_FIRST;
	     i < DESCRIPTORS_END && free <= table->reserved; i++)
		free += atomic_load(&table->slots[i].users) == 0;
	int error = free > table->reserved ? 0 : -EMFILE;
	if (!error)
		table->reserved++;
	pthread_mutex_unlock(&table->lock);
	return error;
}

void descriptors_unreserve(struct descriptors *table)
{
	pthread_mutex_lock(&table->lock);
	table->reserved--;
	pthread_mutex_unlock(&table->lock);
}

/* The first free number from fd on, or the last one. */
/*@
  requires table_is_sound(table) && is_fd(fd);
  assigns \nothing;
  ensures fd <= \result < DESCRIPTORS_END;
  ensures \forall integer i; fd <= i < \result ==> table->slots[i].users != 0;
  ensures \result == DESCRIPTORS_END - 1 || table->slots[\result].users == 0;
*/
static int free_from(const struct descriptors *table, int fd)
{
	/*@
	  loop invariant \at(fd, Pre) <= fd < DESCRIPTORS_END;
	  loop invariant \forall integer i; \at(fd, Pre) <= i < fd ==>
	    table->slots[i].users != 0;
	  loop assigns fd;
	  loop variant DESCRIPTORS_END - fd;
	*/
	while (fd < DESCRIPTORS_END - 1 && atomic_load(&table->slots[fd].users))
		fd++;
	return fd;
}

int descriptors_add(struct descriptors *table, int host)
{
	pthread_mutex_lock(&table->lock);
	/* The reservation says that there is one. */
	int fd = free_from(table, table->first);
	if (atomic_load(&table->slots[fd].users))
		fd = free_from(table, DESCRIPTORS_FIRST);
	if (table->ascending)
		table->first =
			fd + 1 < DESCRIPTORS_END ? fd + 1 : DESCRIPTORS_FIRST;
	table->slots[fd].host = host;
	atomic_store(&table->slots[fd].open, true);
	/* From here on others see it. */
	atomic_store(&table->slots[fd].users, 1);
	table->reserved--;
	pthread_mutex_unlock(&table->lock);
	return fd;
}

/* Gives up one use; the last one closes. 0 or -errno. */
/*@
  requires \valid(slot) && slot->users > 0;
  assigns slot->users, errno;
  ensures slot->users == \old(slot->users) - 1;
  ensures \result == 0 || \old(slot->users) == 1 && -4096 < \result < 0;
*/
static int drop(struct descriptor *slot)
{
	int host = slot->host;

	if (atomic_fetch_sub(&slot->users, 1) != 1)
		return 0;
	/* Linux has closed the file even when it reports EINTR. */
	return close(host) < 0 && errno != EINTR ? -errno : 0;
}

int descriptors_close(struct descriptors *table, int32_t fd)
{
	struct descriptor *slot = descriptors_get(table, fd);

	if (!slot)
		return -EBADF;
	if (!atomic_exchange(&slot->open, false)) {
		drop(slot);
		return -EBADF;
	}
	drop(slot); /* the table's use; the other one is ours */
	return drop(slot);
}

struct descriptor *descriptors_get(struct descriptors *table, int32_t fd)
{
	if (fd < DESCRIPTORS_FIRST || fd >= DESCRIPTORS_END)
		return NULL;
	struct descriptor *slot = &table->slots[fd];
	unsigned users = atomic_load(&slot->users);
	/*@
	  loop invariant slot == &table->slots[fd];
	  loop invariant slot->users == \at(table->slots[fd].users, Pre);
	  loop invariant users == slot->users;
	  loop assigns users, slot->users;
	*/
	do {
		if (users == 0)
			return NULL;
	} while (
		!atomic_compare_exchange_weak(&slot->users, &users, users + 1));
	if (atomic_load(&slot->open))
		return slot;
	drop(slot);
	return NULL;
}

void descriptors_put(struct descriptor *descriptor)
{
	drop(descriptor);
}
