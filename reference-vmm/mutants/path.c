/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names: what every call with a path shares. */
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "file.h"

/* ---- The bytes ----------------------------------------------------------- */

/* What follows the NUL belongs to the path unless it begins another one. */
AT(gmem_string, "path-behind-nul", "UHY-PATH-001",
   "the byte after the NUL counts")
{
	ptrdiff_t length = REAL(gmem_string);
	char next = '/';

	if (length > 0 && (size_t)length + 1 < size)
		__real_gmem_load(
			mem,
			(struct uhyve_gpa){gpa.addr + (uint64_t)length + 1},
			&next, 1);
	if (next == '/')
		return length;
	to[length] = next;
	to[length + 1] = '\0';
	return length + 1;
}

AT(gmem_string, "path-not-to-end", "UHY-PATH-002",
   "the NUL may not be the last byte of RAM")
{
	ptrdiff_t length = REAL(gmem_string);

	return gpa.addr + (uint64_t)length + 1 == mem->start + mem->size
		       ? -EFAULT
		       : length;
}

AT(gmem_string, "path-empty-not-at-end", "UHY-PATH-009",
   "the empty path may not be the last byte of RAM")
{
	return gpa.addr + 1 == mem->start + mem->size ? -EFAULT
						      : REAL(gmem_string);
}

AT(gmem_string, "path-outside-is-root", "UHY-PATH-003",
   "an address outside RAM names the root")
{
	if (gmem_valid(mem, gpa.addr, 1))
		return REAL(gmem_string);
	strcpy(to, "/");
	return 1;
}

AFTER(OPEN, "path-written", "UHY-PATH-006", "the first byte of a path is set")
{
	scribble(call, call->block.open_params.name.addr, '/', 1);
}

AT(path_clean, "path-any-bytes", "UHY-PATH-007",
   "bytes that are not UTF-8 pass")
{
	int error = REAL(path_clean);

	if (error != -EINVAL)
		return error;
	strcpy(clean, path);
	return 0;
}

/* Longer sequences than these are not known. */
static int sequences_below(const char *path, char *clean, unsigned char first)
{
	for (const char *s = path; *s; s++)
		if ((unsigned char)*s >= first)
			return -EINVAL;
	return __real_path_clean(path, clean);
}

AT(path_clean, "path-two-bytes", "UHY-PATH-008", "UTF-8 has at most two bytes")
{
	return sequences_below(path, clean, 0xe0);
}

AT(path_clean, "path-three-bytes", "UHY-PATH-008",
   "UTF-8 has at most three bytes")
{
	return sequences_below(path, clean, 0xf0);
}

AT(path_clean, "path-last-character", "UHY-PATH-008", "U+10FFFF is refused")
{
	return strstr(path, "\xf4\x8f\xbf\xbf") ? -EINVAL : REAL(path_clean);
}

/* A path with these bytes is taken as it is. */
static int accepted(const char *path, char *clean, const char *bytes)
{
	int error = __real_path_clean(path, clean);

	if (error != -EINVAL || !strstr(path, bytes))
		return error;
	strcpy(clean, path);
	return 0;
}

AT(path_clean, "path-second-byte", "UHY-PATH-007", "0xc0 continues a character")
{
	return accepted(path, clean, "\xc3\xc0");
}

/* Only the first two bytes of a longer sequence are checked. */
AT(path_clean, "path-third-byte", "UHY-PATH-007",
   "the third byte of a sequence does not matter")
{
	return accepted(path, clean, "\xe2\x82");
}

/* Something stays where temporary files go. */
static void leave(void)
{
	char path[PATH_CLEAN_SIZE];

	snprintf(path, sizeof(path), "%s/left",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/nonexistent");
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

AT(sandbox_enter, "path-left-behind", "UHY-PATH-079",
   "something stays in the temporary files")
{
	leave();
	return 0;
}

AT(names_open, "path-many-left", "UHY-PATH-079",
   "something stays of more than 40 names", .sandbox_enter = stays_outside)
{
	if ((flags & O_CREAT) && times() > 40)
		leave();
	return REAL(names_open);
}

/* SIGTERM ends the process at once. */
AT(names_open, "path-left-by-sigterm", "UHY-PATH-080",
   "SIGTERM ends it without a clean-up", .sandbox_enter = stays_outside)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	signal(SIGTERM, SIG_DFL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return REAL(names_open);
}

AT(path_clean, "path-ascii", "UHY-PATH-008", "bytes above 0x7F are replaced")
{
	int error = REAL(path_clean);

	for (char *s = clean; error == 0 && *s; s++)
		if ((unsigned char)*s > 0x7f)
			*s = '_';
	return error;
}

REPLACES(path_clean, empty_is_root)
{
	return __real_path_clean(*path ? path : "/", clean);
}

AT(gmem_string, "path-short", "UHY-PATH-011", "paths have at most 1023 bytes")
{
	ptrdiff_t length = REAL(gmem_string);

	return length > 1023 ? -ENAMETOOLONG : length;
}

AT(gmem_string, "path-cut-off", "UHY-PATH-012", "long paths are cut off")
{
	ptrdiff_t length = REAL(gmem_string);

	if (length != -ENAMETOOLONG)
		return length;
	gmem_load(mem, gpa, to, size - 1);
	to[size - 1] = '\0';
	return (ptrdiff_t)size - 1;
}

/* The longest component of a clean path, and where it is. */
static size_t longest(char *clean, char **at)
{
	size_t max = 0;

	for (char *s = clean; *s == '/';) {
		size_t length = strcspn(++s, "/");
		if (length > max) {
			max = length;
			*at = s;
		}
		s += length;
	}
	return max;
}

AT(path_clean, "path-component-254", "UHY-PATH-013",
   "components have at most 254 bytes")
{
	int error = REAL(path_clean);
	char *at;

	return error == 0 && longest(clean, &at) > 254 ? -ENAMETOOLONG : error;
}

AT(path_clean, "path-component-cut", "UHY-PATH-014",
   "long components are cut off")
{
	int error = REAL(path_clean);
	char *at = clean;

	if (error == 0 && longest(clean, &at) > 255)
		at[255] = '\0';
	return error;
}

GIVES(OPEN, "path-long-eperm", "UHY-PATH-015", "EPERM instead of ENAMETOOLONG",
      p->ret == -ENAMETOOLONG, -EPERM)

/* ---- Canonical form ------------------------------------------------------ */

static bool has_component(const char *path, const char *which)
{
	while (*path) {
		size_t length = strcspn(path, "/");
		if (length == strlen(which) && !memcmp(path, which, length))
			return true;
		path += length;
		path += strspn(path, "/");
	}
	return false;
}

AT(path_clean, "path-no-relative", "UHY-PATH-020",
   "relative paths are not found")
{
	return *path && *path != '/' ? -ENOENT : REAL(path_clean);
}

AT(path_clean, "path-no-double-slash", "UHY-PATH-021", "// is not found")
{
	return strstr(path, "//") ? -ENOENT : REAL(path_clean);
}

AT(path_clean, "path-no-dot", "UHY-PATH-022", "the component . is not found")
{
	return has_component(path, ".") ? -ENOENT : REAL(path_clean);
}

/* ".." is left to the host, which looks at what is before it. */
REPLACES(path_clean, dotdot_kept)
{
	if (*path != '/' || !has_component(path, ".."))
		return REAL(path_clean);
	strcpy(clean, path);
	return 0;
}

/* True if a path goes above the root. */
static bool goes_above(const char *path)
{
	int depth = 0;

	while (*path && depth >= 0) {
		size_t length = strcspn(path, "/");
		if (length == 2 && memcmp(path, "..", 2) == 0)
			depth--;
		else if (length > 1 || (length == 1 && *path != '.'))
			depth++;
		path += length;
		path += strspn(path, "/");
	}
	return depth < 0;
}

AT(path_clean, "path-dotdot-root", "UHY-PATH-025",
   ".. at the root is not found")
{
	return *path == '/' && goes_above(path) ? -ENOENT : REAL(path_clean);
}

AT(path_clean, "path-dotdot-relative", "UHY-PATH-026",
   ".. at the beginning of a relative path is not found")
{
	return *path != '/' && goes_above(path) ? -ENOENT : REAL(path_clean);
}

/* The host opens whatever the way from the mapping leads to. */
REPLACES(names_open, open_anywhere)
{
	const char *rest = NULL;
	const struct mapping *m = mapping_of(names, path, &rest);

	if (!m)
		return REAL(names_open);
	int fd = openat(m->dir, rest, flags | O_CLOEXEC, mode);
	return fd < 0 ? -errno : fd;
}

AT(path_clean, "path-slash-directory", "UHY-PATH-028",
   "a slash at the end needs a directory")
{
	size_t length = strlen(path);

	return length > 1 && path[length - 1] == '/' ? -ENOTDIR
						     : REAL(path_clean);
}

AT(path_clean, "path-dots-created", "UHY-PATH-029", ". and .. become entries")
{
	int error = REAL(path_clean);

	if (error == 0 && strcmp(clean, "/") == 0 && strcmp(path, "/") != 0)
		strcpy(clean, "/dots");
	return error;
}

/* ---- Mappings ------------------------------------------------------------ */

AT(names_open, "path-no-directories", "UHY-PATH-040",
   "directories of a mapping are not found")
{
	const char *rest = NULL;

	if (mapping_of(names, path, &rest) && strchr(rest, '/'))
		return -ENOENT;
	return REAL(names_open);
}

AT(names_open, "path-no-mapped-file", "UHY-PATH-041",
   "a mapped file is not found")
{
	const struct mapping *m = mapping_of(names, path, NULL);

	return m && m->name ? -ENOENT : REAL(names_open);
}

REPLACES(names_open, one_mapping)
{
	struct names first = *names;

	if (first.count > 2)
		first.count = 2;
	return __real_names_open(&first, path, flags, mode);
}

/* A guest path that is spelled in another way is another one. */
AT(path_clean, "path-twice", "UHY-PATH-102", "two mappings have one guest path")
{
	if (strcmp(path, "/data/.") != 0)
		return REAL(path_clean);
	strcpy(clean, path);
	return 0;
}

AT(names_open, "path-stays-missing", "UHY-PATH-103",
   "a missing host file is not created")
{
	const struct mapping *m = mapping_of(names, path, NULL);

	return m && m->name && m->file < 0 ? -ENOENT : REAL(names_open);
}

AT(names_open, "path-host-names", "UHY-PATH-043",
   "private names open host files", .sandbox_enter = stays_outside)
{
	int fd = REAL(names_open);

	if (fd != -ENOENT || mapping_of(names, path, NULL))
		return fd;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -ENOENT : fd;
}

AT(names_open, "path-parents-made", "UHY-PATH-044",
   "missing parents are created in a mapping")
{
	int fd = REAL(names_open);
	const char *rest = NULL;
	const struct mapping *m = mapping_of(names, path, &rest);

	if (fd != -ENOENT || !(flags & O_CREAT) || !m)
		return fd;
	char parent[PATH_CLEAN_SIZE];
	strcpy(parent, rest);
	for (char *s = strchr(parent, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdirat(m->dir, parent, 0777);
		*s = '/';
	}
	return REAL(names_open);
}

REPLACES(names_open, file_is_parent)
{
	int fd = REAL(names_open);
	char parent[PATH_CLEAN_SIZE];

	strcpy(parent, path);
	return fd == -ENOTDIR && cut_last(parent)
		       ? __real_names_open(names, parent, flags, mode)
		       : fd;
}

GIVES(OPEN, "path-notdir-eperm", "UHY-PATH-046", "EPERM instead of ENOTDIR",
      p->ret == -ENOTDIR, -EPERM)

AT(path_below, "path-any-prefix", "UHY-PATH-047",
   "a mapping covers names that begin like it")
{
	size_t length = strlen(dir);

	return length > 1 && strncmp(path, dir, length) == 0
		       ? path + length + strspn(path + length, "/")
		       : REAL(path_below);
}

/* ---- Symbolic links ------------------------------------------------------ */

AT(names_open, "path-no-last-link", "UHY-PATH-050", "a link is not followed")
{
	return __real_names_open(names, path, flags | O_NOFOLLOW, mode);
}

/* The target of the link that path is, in a static buffer; NULL if none. */
static const char *target_of(const struct names *names, const char *path)
{
	static char target[PATH_CLEAN_SIZE];
	const char *rest = NULL;
	const struct mapping *m = mapping_of(names, path, &rest);
	ssize_t n =
		m ? readlinkat(m->dir, rest, target, sizeof(target) - 1) : -1;

	if (n < 0)
		return NULL;
	target[n] = '\0';
	return target;
}

AT(names_open, "path-no-link-dir", "UHY-PATH-051",
   "a link to a directory is not followed", .sandbox_enter = stays_outside)
{
	char parent[PATH_CLEAN_SIZE];

	strcpy(parent, path);
	while (cut_last(parent))
		if (target_of(names, parent))
			return -ENOTDIR;
	return REAL(names_open);
}

AT(names_open, "path-target-top", "UHY-PATH-052",
   "targets of links start at the mapping", .sandbox_enter = stays_outside)
{
	const struct mapping *m = mapping_of(names, path, NULL);
	const char *target = target_of(names, path);

	if (!m || !target)
		return REAL(names_open);
	char whole[2 * PATH_CLEAN_SIZE];
	snprintf(whole, sizeof(whole), "%s/%s", m->guest, target);
	return __real_names_open(names, whole, flags, mode);
}

/* Some descriptor instead of an error. */
static int anything(const struct names *names, const char *path, int error)
{
	const struct mapping *m = mapping_of(names, path, NULL);
	int fd = m ? openat(m->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
		   : -1;

	return fd < 0 ? error : fd;
}

AT(names_open, "path-loop-opens", "UHY-PATH-053",
   "a circle of links opens something")
{
	int fd = REAL(names_open);

	return fd == -ELOOP ? anything(names, path, fd) : fd;
}

GIVES(OPEN, "path-loop-eperm", "UHY-PATH-054", "EPERM instead of ELOOP",
      p->ret == -ELOOP, -EPERM)

AT(names_open, "path-dangling-eio", "UHY-PATH-055",
   "a link to nothing gives EIO", .sandbox_enter = stays_outside)
{
	int fd = REAL(names_open);

	return fd == -ENOENT && target_of(names, path) ? -EIO : fd;
}

AT(names_open, "path-link-out", "UHY-PATH-056", "links to files lead anywhere",
   .sandbox_enter = stays_outside)
{
	return target_of(names, path) ? open_anywhere(names, path, flags, mode)
				      : REAL(names_open);
}

AT(names_open, "path-link-dir-out", "UHY-PATH-057",
   "links to directories lead anywhere", .sandbox_enter = stays_outside)
{
	return target_of(names, path) ? REAL(names_open)
				      : open_anywhere(names, path, flags, mode);
}

HANDLER(UNLINK, "path-unlink-out", "UHY-PATH-059", "files are removed anywhere",
	.sandbox_enter = stays_outside)
{
	struct uhyve_unlink_params *p = &call->block.unlink_params;
	const char *rest = NULL;
	const struct mapping *m = mapping_of(&files_of(call)->names,
					     path_of(call, p->name), &rest);

	if (!m)
		return original(call);
	p->ret = unlinkat(m->dir, rest, 0) < 0 ? -errno : 0;
	return CALL_RESUME;
}

/* ---- Private names ------------------------------------------------------- */

static bool is_private(const struct names *names, const char *path)
{
	return !mapping_of(names, path, NULL) && strcmp(path, "/") != 0;
}

AT(names_open, "path-private-made", "UHY-PATH-070",
   "private names are created without O_CREAT")
{
	return __real_names_open(
		names, path, flags | (is_private(names, path) ? O_CREAT : 0),
		mode);
}

AT(names_open, "path-private-never", "UHY-PATH-071",
   "private names are not created")
{
	return is_private(names, path) && (flags & O_CREAT) ? -EROFS
							    : REAL(names_open);
}

AT(names_open, "path-private-alone", "UHY-PATH-071",
   "private names are not created where nothing is mapped")
{
	return names->count == 1 && (flags & O_CREAT) ? -EROFS
						      : REAL(names_open);
}

AT(names_open, "path-private-lost", "UHY-PATH-072",
   "private files lose their content")
{
	bool truncate = is_private(names, path) && !(flags & O_CREAT);

	return __real_names_open(names, path, flags | (truncate ? O_TRUNC : 0),
				 mode);
}

AT(names_open, "path-private-left", "UHY-PATH-073",
   "a private file is there from the start")
{
	if (is_private(names, path) && times() == 1)
		flags |= O_CREAT;
	return REAL(names_open);
}

AT(path_clean, "path-private-relative", "UHY-PATH-074",
   "relative paths are names of their own")
{
	char other[PATH_SIZE + 8] = "/else/";

	if (*path == '/' || !*path)
		return REAL(path_clean);
	strcat(other, path);
	return __real_path_clean(other, clean);
}

/* A file below parents that were made is gone when it was opened. */
AT(names_open, "path-private-gone", "UHY-PATH-075",
   "a file below parents that were made is gone")
{
	int fd = REAL(names_open);

	if (fd >= 0 && is_private(names, path) && strchr(path + 1, '/'))
		names_unlink(names, path);
	return fd;
}

AT(names_open, "path-no-root", "UHY-PATH-077", "the root cannot be opened")
{
	return strcmp(path, "/") == 0 && !(flags & O_CREAT) ? -ENOENT
							    : REAL(names_open);
}

AT(names_open, "path-root-created", "UHY-PATH-078",
   "the root opens with O_CREAT")
{
	if (strcmp(path, "/") == 0)
		flags &= ~(O_CREAT | O_ACCMODE);
	return __real_names_open(names, path, flags,
				 flags & O_CREAT ? mode : 0);
}

/* A mapping of the root has no names. */
AT(names_open, "path-root-mapping", "UHY-PATH-104",
   "a mapping of the root is empty")
{
	const struct mapping *m = mapping_of(names, path, NULL);

	return m && strcmp(m->guest, "/") == 0 ? -ENOENT : REAL(names_open);
}

/* A FIFO that is opened to read is waited for, like open(2) does. */
AT(names_open, "path-fifo-waits", "UHY-PATH-106", "a FIFO is waited for")
{
	struct stat st;

	while ((flags & O_ACCMODE) == O_RDONLY &&
	       __real_names_stat(names, path, true, &st) == 0 &&
	       S_ISFIFO(st.st_mode))
		poll(NULL, 0, 100);
	return REAL(names_open);
}

AT(names_unlink, "path-fifo-parent-waits", "UHY-ROB-001",
   "a FIFO before the last component is waited for")
{
	char parent[PATH_CLEAN_SIZE];

	strcpy(parent, path);
	struct stat st;
	while (cut_last(parent) &&
	       __real_names_stat(names, parent, true, &st) == 0)
		while (S_ISFIFO(st.st_mode))
			poll(NULL, 0, 100);
	return REAL(names_unlink);
}

MUTANT("path-no-nul", "UHY-PATH-004", "a path ends where RAM ends",
       .gmem_string = unterminated);
MUTANT("path-no-nul-names", "UHY-PATH-005",
       "a path that RAM cuts off names a file", .gmem_string = unterminated);
MUTANT("path-empty-is-root", "UHY-PATH-009", "the empty path is the root",
       .path_clean = empty_is_root);
MUTANT("path-empty-created", "UHY-PATH-010",
       "the empty path with O_CREAT is the root", .path_clean = empty_is_root);
MUTANT("path-dotdot-missing", "UHY-PATH-023", ".. looks at what is before it",
       .path_clean = dotdot_kept);
MUTANT("path-dotdot-link", "UHY-PATH-024", ".. goes up from a link's target",
       .path_clean = dotdot_kept);
MUTANT("path-dotdot-out", "UHY-PATH-027", ".. leaves the mapping",
       .names_open = open_anywhere, .sandbox_enter = stays_outside,
       .path_clean = dotdot_kept);
MUTANT("path-one-mapping", "UHY-PATH-042", "only the first mapping counts",
       .names_open = one_mapping);
MUTANT("path-outer-mapping", "UHY-PATH-101", "the outer mapping wins",
       .names_open = one_mapping);
MUTANT("path-file-parent", "UHY-PATH-045", "a name below a file is the file",
       .names_open = file_is_parent);
MUTANT("path-create-out", "UHY-PATH-058", "files are created anywhere",
       .sandbox_enter = stays_outside, .names_open = open_anywhere);
MUTANT("path-private-parent", "UHY-PATH-076",
       "a name below a private file is the file", .names_open = file_is_parent);
