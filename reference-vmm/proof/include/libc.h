/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the proofs assume of the C library beyond Frama-C's own headers, whose
 * contracts of these functions say less than the standard. Read before each
 * file (-include); a name of ours takes the place of the library's.
 */
#ifndef PROOF_LIBC_H
#define PROOF_LIBC_H

/* Frama-C's struct stat has times in seconds only. */
#define __FC_DEFINE_STAT_H
#include <sys/types.h>
#include <time.h>
struct stat {
	dev_t st_dev;
	ino_t st_ino;
	mode_t st_mode;
	nlink_t st_nlink;
	uid_t st_uid;
	gid_t st_gid;
	dev_t st_rdev;
	off_t st_size;
	struct timespec st_atim, st_mtim, st_ctim;
	blksize_t st_blksize;
	blkcnt_t st_blocks;
};

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/*
 * Loads of a value from bytes, as image_notes.c makes them: any value, but the bytes
 * have to be there. WP's memory knows of no bytes of a structure.
 */
#ifdef PROOF_LOADS
/*@
  requires \valid_read((char *)from + (0 .. size - 1));
  assigns \result \from from;
  ensures \valid_read((char *)\result + (0 .. 63));
*/
const void *proof_any(const void *from, size_t size);
#define memcpy(to, from, size)                                                 \
	((void)(*(to) = *(const __typeof__(*(to)) *)proof_any((from), (size))))

/*@
  requires \valid_read((char *)a + (0 .. size - 1));
  requires \valid_read((char *)b + (0 .. size - 1));
  assigns \result \from a, b;
*/
int proof_differ(const void *a, const void *b, size_t size);
#define memcmp proof_differ
#endif

/*@
  requires valid_read_string(a) && \valid_read(b + (0 .. n - 1));
  assigns \result \from a[0 .. n - 1], b[0 .. n - 1];
  ensures \result == 0 && (\forall integer i; 0 <= i < n ==> b[i] != 0) ==>
    n <= strlen(a) && \forall integer i; 0 <= i < n ==> a[i] == b[i];
*/
int proof_begins(const char *a, const char *b, size_t n);
#define strncmp proof_begins

/* One thread: locks are for the others. */
#define pthread_mutex_init(mutex, attributes) ((void)(mutex))
#define pthread_mutex_destroy(mutex) ((void)(mutex))
#define pthread_mutex_lock(mutex) ((void)(mutex))
#define pthread_mutex_unlock(mutex) ((void)(mutex))

/*@
  assigns \result, errno;
  ensures \result == 0 || \result == -1 && 0 < errno < 4096;
*/
int proof_close(int fd);
#define close proof_close

/*@
  requires valid_read_string(path);
  assigns \result, errno;
  ensures \result >= -1;
*/
int proof_open(const char *path, int flags);
#define open proof_open

/* A file has no negative size. */
/*@
  requires \valid(to);
  assigns \result, *to, errno;
  ensures \result == 0 || \result == -1;
  ensures to->st_size >= 0;
*/
int proof_fstat(int fd, struct stat *to);
#define fstat proof_fstat

/*@
  requires \valid((char *)to + (0 .. size - 1));
  assigns \result, ((char *)to)[0 .. size - 1], errno;
  ensures -1 <= \result <= size;
*/
ssize_t proof_pread(int fd, void *to, size_t size, off_t offset);
#define pread proof_pread

#define __builtin_add_overflow proof_add_overflows
/*@
  requires \valid(sum);
  assigns \result, *sum;
  ensures *sum == (uint64_t)(a + b);
  ensures \result <==> a + b > 0xffffffffffffffff;
*/
_Bool proof_add_overflows(uint64_t a, uint64_t b, uint64_t *sum);

#endif
