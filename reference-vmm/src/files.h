/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The file calls on values of the host: no guest memory, no parameter blocks.
 * Every result is what the call reports: a count, a position or a descriptor,
 * or -errno. Descriptors 0 to 2 are the console. Open files keep their
 * positions in the kernel, which makes reads, writes and appends of several
 * vCPUs atomic.
 */
#ifndef FILES_H
#define FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "console.h"
#include "descriptors.h"
#include "names.h"
#include "stop.h"

struct files {
	const struct stop *stop;
	struct console *console;
	struct names names;
	struct descriptors descriptors;
};

/* By name; path is clean, flags and mode as in the interface. */
int files_open(struct files *files, const char *path, int32_t flags,
	       int32_t mode);

/*
 * By descriptor. to and from are NULL where the guest's buffer is not in RAM.
 */
int files_close(struct files *files, int32_t fd);
int64_t files_read(struct files *files, int32_t fd, void *to, size_t len);
int64_t files_write(struct files *files, int32_t fd, const void *from,
		    size_t len);
int64_t files_lseek(struct files *files, int32_t fd, int64_t offset,
		    uint32_t whence);
int64_t files_getdents(struct files *files, int32_t fd, void *to, size_t len);
int files_fstat(struct files *files, int32_t fd, struct stat *st);

#endif
