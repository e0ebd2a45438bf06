/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Three bugs on purpose, to see that `make faults` finds them: a failed write is
 * reported as written, a failed read crashes, a failed seek waits forever. The linker
 * puts these functions around the VMM's own.
 */
#include <poll.h>
#include <stdlib.h>

#include "files.h"

int64_t __real_files_write(struct files *files, int32_t fd, const void *from,
			   size_t len);
int64_t __real_files_read(struct files *files, int32_t fd, void *to,
			  size_t len);
int64_t __real_files_lseek(struct files *files, int32_t fd, int64_t offset,
			   uint32_t whence);

int64_t __wrap_files_write(struct files *files, int32_t fd, const void *from,
			   size_t len)
{
	int64_t n = __real_files_write(files, fd, from, len);
	return n < 0 ? (int64_t)len : n;
}

int64_t __wrap_files_read(struct files *files, int32_t fd, void *to, size_t len)
{
	int64_t n = __real_files_read(files, fd, to, len);
	if (n < 0)
		abort();
	return n;
}

int64_t __wrap_files_lseek(struct files *files, int32_t fd, int64_t offset,
			   uint32_t whence)
{
	int64_t position = __real_files_lseek(files, fd, offset, whence);
	while (position < 0)
		poll(NULL, 0, -1);
	return position;
}
