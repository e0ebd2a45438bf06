/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names: what every call with a path shares. */
#include <errno.h>
#include <string.h>

#include "mutant.h"

static int empty_is_root(const char *path, char *clean)
{
	return __real_path_clean(*path ? path : "/", clean);
}

static int any_bytes(const char *path, char *clean)
{
	int error = __real_path_clean(path, clean);

	if (error != -EINVAL)
		return error;
	strcpy(clean, path);
	return 0;
}

static const char *any_prefix(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return length > 1 && strncmp(path, dir, length) == 0
		       ? path + length + strspn(path + length, "/")
		       : __real_path_below(path, dir);
}

static ptrdiff_t unterminated(const struct gmem *mem, struct uhyve_gpa gpa,
			      char *to, size_t size)
{
	ptrdiff_t length = __real_gmem_string(mem, gpa, to, size);
	uint64_t rest = mem->start + mem->size - gpa.addr;

	if (length != -EFAULT || gpa.addr < mem->start || rest >= size)
		return length;
	to[rest] = '\0';
	return (ptrdiff_t)rest;
}

static const struct mutant rows[] = {
	{"path-no-nul", "UHY-PATH-004", "the end of RAM ends a path",
	 .gmem_string = unterminated},
	{"path-any-bytes", "UHY-PATH-007", "bytes that are not UTF-8 pass",
	 .path_clean = any_bytes},
	{"path-empty-is-root", "UHY-PATH-009", "the empty path is the root",
	 .path_clean = empty_is_root},
	{"path-any-prefix", "UHY-PATH-047",
	 "a mapping covers names that begin like it", .path_below = any_prefix},
};
MUTANTS(rows);
