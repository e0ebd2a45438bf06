/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Common code for mutants of the file calls. */
#ifndef MUTANT_FILE_H
#define MUTANT_FILE_H

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mutant.h"

static inline struct files *files_of(struct call *call)
{
	return &call->services->files;
}

/* Defines name: a result when becomes instead. */

/* Defines name: after the call, result is instead where condition holds. */
#define GIVES(number, name, id, what, condition, instead, ...)                 \
	HANDLER(number, name, id, what, ##__VA_ARGS__)                         \
	{                                                                      \
		enum call_outcome outcome = original(call);                    \
		__typeof__(call->block.BLOCK_##number) *p =                    \
			&call->block.BLOCK_##number;                           \
		if (condition)                                                 \
			p->ret = (instead);                                    \
		return outcome;                                                \
	}

/* Defines name: the input field at offset is written, as no handler may. */
#define SCRIBBLES(number, name, id, what, offset, value, size, ...)            \
	HANDLER(number, name, id, what, ##__VA_ARGS__)                         \
	{                                                                      \
		enum call_outcome outcome = original(call);                    \
		scribble_block(call, offset, value, size);                     \
		return outcome;                                                \
	}

/* The host's descriptor; -1 when fd is not open. */
static inline int host_of(struct call *call, int32_t fd)
{
	struct descriptor *d =
		descriptors_get(&files_of(call)->descriptors, fd);
	int host = d ? d->host : -1;

	if (d)
		descriptors_put(d);
	return host;
}

/* The attributes of fd; all 0 when it is not open. */
static inline struct stat stat_of(struct call *call, int32_t fd)
{
	struct stat st;

	if (fstat(host_of(call, fd), &st) < 0)
		memset(&st, 0, sizeof(st));
	return st;
}

static inline int access_of(struct call *call, int32_t fd)
{
	int flags = fcntl(host_of(call, fd), F_GETFL);

	return flags < 0 ? -1 : flags;
}

static inline bool in_ram(const struct call *call, uint64_t addr)
{
	const struct gmem *mem = &call->services->mem;

	return addr >= mem->start && addr - mem->start < mem->size;
}

static inline uint64_t ram_end(const struct call *call)
{
	return call->services->mem.start + call->services->mem.size;
}

/* The length, or as much of it as fits into RAM after an address in it. */
static inline uint64_t fitting(const struct call *call, uint64_t addr,
			       uint64_t len)
{
	uint64_t room = ram_end(call) - addr;

	return in_ram(call, addr) && len > room ? room : len;
}

/* The mapping of a clean path that is not private storage, or NULL. */
static inline const struct mapping *
mapping_of(const struct names *names, const char *path, const char **rest)
{
	for (unsigned i = 0; i < names->count; i++) {
		const struct mapping *m = &names->mappings[i];
		const char *below = __real_path_below(path, m->guest);
		if (!m->private && below) {
			if (rest)
				*rest = *below ? below : ".";
			return m;
		}
	}
	return NULL;
}

/* The path of a call, clean; "" when it has none. */
static inline const char *path_of(struct call *call, struct uhyve_gpa name)
{
	static char path[PATH_CLEAN_SIZE];

	if (call_path(call, name, path) != 0)
		path[0] = '\0';
	return path;
}

static inline bool is_mapped(struct call *call, struct uhyve_gpa name)
{
	return mapping_of(&files_of(call)->names, path_of(call, name), NULL);
}

/* True if the name is the guest path of a mapping. */
static inline bool is_mapping(struct call *call, struct uhyve_gpa name)
{
	const char *rest = "";

	return mapping_of(&files_of(call)->names, path_of(call, name), &rest) &&
	       strcmp(rest, ".") == 0;
}

/* Cuts the last component; false when there is only one. */
static inline bool cut_last(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return false;
	*slash = '\0';
	return true;
}

/*
 * The last descriptor of something private, found out by notes_private, a seam
 * of call_write, when it is opened.
 */
extern int32_t private_fd;
enum call_outcome notes_private(const struct call_table *table,
				struct call *call);

/* A seam of gmem_string: the end of RAM ends a string, too. */
ptrdiff_t unterminated(const struct gmem *mem, struct uhyve_gpa gpa, char *to,
		       size_t size);

#endif
