/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Freedoms of paths, of FileOpen, FileUnlink and Mkdir. */
#include "freedoms.h"

#include <linux/openat2.h>
#include <sys/syscall.h>

/* The mapping of a clean path, and what is left of the path below it. */
static const struct mapping *mapping_of(const struct names *names,
					const char *path, const char **rest)
{
	const struct mapping *found = NULL;

	*rest = NULL;
	for (unsigned i = 0; i < names->count; i++) {
		const char *below = path_below(path, names->mappings[i].guest);
		if (below && (!*rest || strlen(below) <= strlen(*rest))) {
			found = &names->mappings[i];
			*rest = below;
		}
	}
	return found;
}

static bool is_root(const char *path)
{
	return strcmp(path, "/") == 0;
}

/* ---- Bytes --------------------------------------------------------------- */

static ptrdiff_t unterminated(const struct gmem *mem, struct uhyve_gpa gpa,
			      char *to, size_t size)
{
	ptrdiff_t n = gmem_string(mem, gpa, to, size);

	if (n != -EFAULT || !gmem_valid(mem, gpa.addr, 1))
		return n;
	taken();
	return -EINVAL;
}

/* A path of any length, when "/" and "." are what makes it long. */
static ptrdiff_t long_path(const struct gmem *mem, struct uhyve_gpa gpa,
			   char *to, size_t size)
{
	ptrdiff_t n = gmem_string(mem, gpa, to, size);
	size_t used = 0;

	if (n != -ENAMETOOLONG)
		return n;
	const char *at;
	for (; (at = gmem_at(mem, gpa, 1)); gpa.addr++) {
		char c = *at;
		/* "//" is "/", and so is "/./". */
		if (c == '/' && used >= 1 && to[used - 1] == '/')
			continue;
		if (c == '/' && used >= 2 && to[used - 1] == '.' &&
		    to[used - 2] == '/') {
			used--;
			continue;
		}
		if (used == size)
			return -ENAMETOOLONG;
		to[used++] = c;
		if (c == '\0')
			break;
	}
	if (!at)
		return -EFAULT;
	taken();
	return (ptrdiff_t)used - 1;
}

/* True if a relative path climbs above where it begins. */
static bool above_root(const char *path)
{
	int depth = 0;

	for (const char *end; *path; path = *end ? end + 1 : end) {
		end = strchrnul(path, '/');
		if (end - path == 2 && memcmp(path, "..", 2) == 0)
			depth--;
		else if (end != path && !(end - path == 1 && *path == '.'))
			depth++;
		if (depth < 0)
			return true;
	}
	return false;
}

static int nothing_above_root(const char *path, char *clean)
{
	int error = path_clean(path, clean);

	if (error || *path == '/' || !above_root(path))
		return error;
	taken();
	return -ENOENT;
}

/* ---- Links --------------------------------------------------------------- */

/* An absolute target begins at the directory of the mapping. */
static int absolute_link(const struct names *names, const char *path, int flags,
			 mode_t mode)
{
	int fd = names_open(names, path, flags, mode);
	const char *rest;
	const struct mapping *mapping = mapping_of(names, path, &rest);
	struct open_how how = {
		.flags = (unsigned)flags | O_CLOEXEC | O_NONBLOCK | O_NOCTTY,
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS};

	if (fd != -EPERM || flags & O_CREAT || !mapping || mapping->name ||
	    !*rest)
		return fd;
	fd = (int)syscall(SYS_openat2, mapping->dir, rest, &how, sizeof(how));
	if (fd < 0)
		return -EPERM;
	taken();
	return fd;
}

/* ---- Private names and the root ------------------------------------------ */

/* True if a private name would need parents that do not exist. */
static bool lacks_parents(const struct names *names, const char *path)
{
	const char *rest, *slash = strrchr(path, '/');
	const struct mapping *mapping = mapping_of(names, path, &rest);

	if (!mapping || !mapping->private || !slash || slash == path)
		return false;
	char parent[PATH_CLEAN_SIZE];
	memcpy(parent, path, (size_t)(slash - path));
	parent[slash - path] = '\0';
	struct stat st;
	return names_stat(names, parent, true, &st) == -ENOENT;
}

static int open_no_parents(const struct names *names, const char *path,
			   int flags, mode_t mode)
{
	if (!(flags & O_CREAT) || !lacks_parents(names, path))
		return names_open(names, path, flags, mode);
	taken();
	return -ENOENT;
}

static int mkdir_no_parents(const struct names *names, const char *path)
{
	if (!lacks_parents(names, path))
		return names_mkdir(names, path);
	taken();
	return -ENOENT;
}

static int open_no_root(const struct names *names, const char *path, int flags,
			mode_t mode)
{
	if (!is_root(path))
		return names_open(names, path, flags, mode);
	taken();
	return -ENOENT;
}

static int stat_no_root(const struct names *names, const char *path,
			bool follow, struct stat *st)
{
	if (!is_root(path))
		return names_stat(names, path, follow, st);
	taken();
	return -ENOENT;
}

/* UHY-MKDIR-014: of the root and of what is private. */
static int mkdir_exists(const struct names *names, const char *path)
{
	int error = names_mkdir(names, path);
	const char *rest;
	const struct mapping *mapping = mapping_of(names, path, &rest);

	if (error != -EEXIST || !mapping || !mapping->private)
		return error;
	taken();
	return -EINVAL;
}

/* ---- FileOpen ------------------------------------------------------------ */

/* What the guest asked for; the VMM itself keeps nine bits. */
static _Thread_local int32_t asked_mode;

static enum call_outcome note_mode(struct call *call)
{
	asked_mode = call->block.open_params.mode;
	return original(call);
}

static int set_user_id(const struct names *names, const char *path, int flags,
		       mode_t mode)
{
	if (flags & O_CREAT && asked_mode & 07000) {
		taken();
		mode |= (mode_t)asked_mode & 07000;
	}
	return names_open(names, path, flags, mode);
}

static enum call_outcome mode_3(struct call *call)
{
	struct uhyve_open_params *p = &call->block.open_params;

	if ((p->flags & UHYVE_O_ACCMODE) == UHYVE_O_ACCMODE) {
		taken();
		p->flags ^= UHYVE_O_RDWR; /* leaves O_WRONLY */
	}
	return original(call);
}

static int plain_directory(const struct names *names, const char *path,
			   int flags, mode_t mode)
{
	int fd = names_open(names, path, flags, mode);
	struct stat st;

	if (fd < 0 || flags & O_DIRECTORY || fstat(fd, &st) < 0 ||
	    !S_ISDIR(st.st_mode))
		return fd;
	taken();
	close(fd);
	return -EINVAL;
}

static int kept_content(const struct names *names, const char *path, int flags,
			mode_t mode)
{
	if ((flags & O_ACCMODE) == O_RDONLY && flags & O_TRUNC) {
		taken();
		flags &= ~O_TRUNC;
	}
	return names_open(names, path, flags, mode);
}

/* The names of FIFOs exist, and cannot be opened. */
static int no_fifos(const struct names *names, const char *path, int flags,
		    mode_t mode)
{
	struct stat st;

	if (names_stat(names, path, true, &st) < 0 || !S_ISFIFO(st.st_mode))
		return names_open(names, path, flags, mode);
	taken();
	return -EACCES;
}

/* ---- FileUnlink ---------------------------------------------------------- */

static int unlink_directory(const struct names *names, const char *path)
{
	int error = names_unlink(names, path);

	if (error != -EISDIR)
		return error;
	taken();
	return -EPERM;
}

static int unlink_mapped_file(const struct names *names, const char *path)
{
	const char *rest;
	const struct mapping *mapping = mapping_of(names, path, &rest);

	if (!mapping || !mapping->name || *rest)
		return names_unlink(names, path);
	taken();
	return -EBUSY;
}

static const struct variant rows[] = {
	{"path-unterminated", TOGETHER, "EINVAL for a path without an end",
	 .gmem_string = unterminated},
	{"path-long", TOGETHER, "paths of more than 4095 bytes are accepted",
	 .gmem_string = long_path},
	{"path-above-root", TOGETHER,
	 "ENOENT for a relative path above the root",
	 .path_clean = nothing_above_root},
	{"path-absolute-link", TOGETHER,
	 "an absolute link begins at the directory of the mapping",
	 .names_open = absolute_link},
	{"private-parents", TOGETHER, "missing parents are not created",
	 .names_open = open_no_parents, .names_mkdir = mkdir_no_parents},
	{"root-missing", TOGETHER, "the root is not there",
	 .names_open = open_no_root, .names_stat = stat_no_root},
	{"mkdir-exists", TOGETHER, "EINVAL for a private name that exists",
	 .names_mkdir = mkdir_exists},
	{"open-set-user-id", TOGETHER, "bits 9 to 11 of the mode are kept",
	 UHYVE_FILE_OPEN, note_mode, .names_open = set_user_id},
	{"open-mode-3", TOGETHER,
	 "access mode 3 gives a descriptor for writing", UHYVE_FILE_OPEN,
	 mode_3},
	{"open-plain-directory", TOGETHER,
	 "a directory can be opened with O_DIRECTORY only",
	 .names_open = plain_directory},
	{"open-truncate", TOGETHER, "O_TRUNC with O_RDONLY keeps the content",
	 .names_open = kept_content},
	{"path-fifo", TOGETHER, "FIFOs cannot be opened",
	 .names_open = no_fifos},
	{"unlink-directory", TOGETHER, "EPERM for a directory",
	 .names_unlink = unlink_directory},
	{"unlink-mapped-file", TOGETHER,
	 "a file that is mapped by itself cannot be removed",
	 .names_unlink = unlink_mapped_file},
};
VARIANTS(rows);
