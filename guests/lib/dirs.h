/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The calls of interface 3 as functions, and what Getdents stores. */
#ifndef GUEST_DIRS_H
#define GUEST_DIRS_H

#include "test.h"

/* A result whose tag or payload has no meaning. */
#define NONSENSE (UNANSWERED - 1)

/*
 * Each makes its call with a fresh block and gives the result as the file calls
 * do: 0 or a count on success, -errno, UNANSWERED, NONSENSE. The count of
 * dir_read is 0 for EndOfDirectory.
 */
int64_t dir_read(int32_t fd, volatile void *buf, uint64_t len);
int64_t dir_make(const char *path);
int64_t file_stat(const char *path, uint32_t kind,
		  volatile struct uhyve_file_attr *attr);
int64_t file_fstat(int32_t fd, volatile struct uhyve_file_attr *attr);

/* One record, wherever it lies. */
struct dir_entry {
	uint64_t ino;
	size_t size; /* d_reclen */
	uint8_t type;
	const char *name;
	size_t name_len;
};

/*
 * Reads the record at buf + *at and moves *at past it; false when there is
 * none in len bytes, or one that does not fit, for which *at becomes SIZE_MAX.
 */
bool dir_next(const uint8_t *buf, size_t len, size_t *at,
	      struct dir_entry *entry);

/* Counts name in all that Getdents gives, len bytes at a time. */
unsigned dir_count(int32_t fd, const char *name, size_t len);

#endif
