/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Two slowdowns on purpose, to see that the gate of counts notices: a system call
 * too many in each FileRead, and a linear search in each FileOpen. The linker puts
 * these functions around the VMM's own.
 */
#include <unistd.h>

#include "files.h"

int64_t __real_files_read(struct files *files, int32_t fd, void *to,
			  size_t len);
int __real_files_open(struct files *files, const char *path, int32_t flags,
		      int32_t mode);

int64_t __wrap_files_read(struct files *files, int32_t fd, void *to, size_t len)
{
	getppid();
	return __real_files_read(files, fd, to, len);
}

int __wrap_files_open(struct files *files, const char *path, int32_t flags,
		      int32_t mode)
{
	for (volatile unsigned i = 0; i < files->names.count; i++)
		;
	return __real_files_open(files, path, flags, mode);
}
