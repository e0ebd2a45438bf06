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
static ptrdiff_t behind_the_nul(const struct gmem *mem, struct uhyve_gpa gpa,
				char *to, size_t size)
{
	ptrdiff_t length = __real_gmem_string(mem, gpa, to, size);
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

static ptrdiff_t not_to_the_end(const struct gmem *mem, struct uhyve_gpa gpa,
				char *to, size_t size)
{
	ptrdiff_t length = __real_gmem_string(mem, gpa, to, size);

	return gpa.addr + (uint64_t)length + 1 == mem->start + mem->size
		       ? -EFAULT
		       : length;
}

static ptrdiff_t outside_is_root(const struct gmem *mem, struct uhyve_gpa gpa,
				 char *to, size_t size)
{
	if (gmem_valid(mem, gpa.addr, 1))
		return __real_gmem_string(mem, gpa, to, size);
	strcpy(to, "/");
	return 1;
}

static enum call_outcome slash_written(struct call *call)
{
	enum call_outcome outcome = original(call);

	scribble(call, call->block.open_params.name.addr, '/', 1);
	return outcome;
}

static int any_bytes(const char *path, char *clean)
{
	int error = __real_path_clean(path, clean);

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

static int of_two_bytes(const char *path, char *clean)
{
	return sequences_below(path, clean, 0xe0);
}

static int of_three_bytes(const char *path, char *clean)
{
	return sequences_below(path, clean, 0xf0);
}

static int below_the_last(const char *path, char *clean)
{
	return strstr(path, "\xf4\x8f\xbf\xbf")
		       ? -EINVAL
		       : __real_path_clean(path, clean);
}

/* Only the first two bytes of a longer sequence are checked. */
static int only_two_bytes(const char *path, char *clean)
{
	int error = __real_path_clean(path, clean);

	if (error != -EINVAL || !strstr(path, "\xe2\x82"))
		return error;
	strcpy(clean, path);
	return 0;
}

/* Something stays where temporary files go. */
static int stays_behind(const struct names *names, bool strict, struct why *why)
{
	char path[PATH_CLEAN_SIZE];

	(void)names, (void)strict, (void)why;
	snprintf(path, sizeof(path), "%s/left",
		 getenv("TMPDIR") ? getenv("TMPDIR") : "/nonexistent");
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	return 0;
}

/* SIGTERM ends the process at once. */
static int ends_at_once(const struct names *names, const char *path, int flags,
			mode_t mode)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	signal(SIGTERM, SIG_DFL);
	pthread_sigmask(SIG_UNBLOCK, &set, NULL);
	return __real_names_open(names, path, flags, mode);
}

static int ascii(const char *path, char *clean)
{
	int error = __real_path_clean(path, clean);

	for (char *s = clean; error == 0 && *s; s++)
		if ((unsigned char)*s > 0x7f)
			*s = '_';
	return error;
}

static int empty_is_root(const char *path, char *clean)
{
	return __real_path_clean(*path ? path : "/", clean);
}

static ptrdiff_t limit_of_1023(const struct gmem *mem, struct uhyve_gpa gpa,
			       char *to, size_t size)
{
	ptrdiff_t length = __real_gmem_string(mem, gpa, to, size);

	return length > 1023 ? -ENAMETOOLONG : length;
}

static ptrdiff_t cut_off(const struct gmem *mem, struct uhyve_gpa gpa, char *to,
			 size_t size)
{
	ptrdiff_t length = __real_gmem_string(mem, gpa, to, size);

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

static int component_of_254(const char *path, char *clean)
{
	int error = __real_path_clean(path, clean);
	char *at;

	return error == 0 && longest(clean, &at) > 254 ? -ENAMETOOLONG : error;
}

static int component_cut(const char *path, char *clean)
{
	int error = __real_path_clean(path, clean);
	char *at = clean;

	if (error == 0 && longest(clean, &at) > 255)
		at[255] = '\0';
	return error;
}

GIVES(long_is_eperm, open_params, -ENAMETOOLONG, -EPERM)

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

static int no_relative(const char *path, char *clean)
{
	return *path && *path != '/' ? -ENOENT : __real_path_clean(path, clean);
}

static int no_double_slash(const char *path, char *clean)
{
	return strstr(path, "//") ? -ENOENT : __real_path_clean(path, clean);
}

static int no_dot(const char *path, char *clean)
{
	return has_component(path, ".") ? -ENOENT
					: __real_path_clean(path, clean);
}

/* ".." is left to the host, which looks at what is before it. */
static int dotdot_kept(const char *path, char *clean)
{
	if (*path != '/' || !has_component(path, ".."))
		return __real_path_clean(path, clean);
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

static int nothing_above_root(const char *path, char *clean)
{
	return *path == '/' && goes_above(path)
		       ? -ENOENT
		       : __real_path_clean(path, clean);
}

static int nothing_above_start(const char *path, char *clean)
{
	return *path != '/' && goes_above(path)
		       ? -ENOENT
		       : __real_path_clean(path, clean);
}

/* The host opens whatever the way from the mapping leads to. */
static int open_anywhere(const struct names *names, const char *path, int flags,
			 mode_t mode)
{
	const char *rest = NULL;
	const struct mapping *m = mapping_of(names, path, &rest);
	int fd;

	if (!m)
		return __real_names_open(names, path, flags, mode);
	fd = openat(m->dir, rest, flags | O_CLOEXEC, mode);
	return fd < 0 ? -errno : fd;
}

static int slash_means_directory(const char *path, char *clean)
{
	size_t length = strlen(path);

	return length > 1 && path[length - 1] == '/'
		       ? -ENOTDIR
		       : __real_path_clean(path, clean);
}

static int dots_are_names(const char *path, char *clean)
{
	int error = __real_path_clean(path, clean);

	if (error == 0 && strcmp(clean, "/") == 0 && strcmp(path, "/") != 0)
		strcpy(clean, "/dots");
	return error;
}

/* ---- Mappings ------------------------------------------------------------ */

static int no_directories(const struct names *names, const char *path,
			  int flags, mode_t mode)
{
	const char *rest = NULL;

	if (mapping_of(names, path, &rest) && strchr(rest, '/'))
		return -ENOENT;
	return __real_names_open(names, path, flags, mode);
}

static int no_mapped_files(const struct names *names, const char *path,
			   int flags, mode_t mode)
{
	const struct mapping *m = mapping_of(names, path, NULL);

	return m && m->name ? -ENOENT
			    : __real_names_open(names, path, flags, mode);
}

static int one_mapping(const struct names *names, const char *path, int flags,
		       mode_t mode)
{
	struct names first = *names;

	if (first.count > 2)
		first.count = 2;
	return __real_names_open(&first, path, flags, mode);
}

/* A guest path that is spelled in another way is another one. */
static int spelling_counts(const char *path, char *clean)
{
	if (strcmp(path, "/data/.") != 0)
		return __real_path_clean(path, clean);
	strcpy(clean, path);
	return 0;
}

static int missing_stays(const struct names *names, const char *path, int flags,
			 mode_t mode)
{
	const struct mapping *m = mapping_of(names, path, NULL);

	return m && m->name && m->file < 0
		       ? -ENOENT
		       : __real_names_open(names, path, flags, mode);
}

static int host_names(const struct names *names, const char *path, int flags,
		      mode_t mode)
{
	int fd = __real_names_open(names, path, flags, mode);

	if (fd != -ENOENT || mapping_of(names, path, NULL))
		return fd;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -ENOENT : fd;
}

static int parents_made(const struct names *names, const char *path, int flags,
			mode_t mode)
{
	int fd = __real_names_open(names, path, flags, mode);
	const char *rest = NULL;
	const struct mapping *m = mapping_of(names, path, &rest);
	char parent[PATH_CLEAN_SIZE];

	if (fd != -ENOENT || !(flags & O_CREAT) || !m)
		return fd;
	strcpy(parent, rest);
	for (char *s = strchr(parent, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		mkdirat(m->dir, parent, 0777);
		*s = '/';
	}
	return __real_names_open(names, path, flags, mode);
}

static int file_is_parent(const struct names *names, const char *path,
			  int flags, mode_t mode)
{
	int fd = __real_names_open(names, path, flags, mode);
	char parent[PATH_CLEAN_SIZE];

	strcpy(parent, path);
	return fd == -ENOTDIR && cut_last(parent)
		       ? __real_names_open(names, parent, flags, mode)
		       : fd;
}

GIVES(notdir_is_eperm, open_params, -ENOTDIR, -EPERM)

static const char *any_prefix(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	return length > 1 && strncmp(path, dir, length) == 0
		       ? path + length + strspn(path + length, "/")
		       : __real_path_below(path, dir);
}

/* ---- Symbolic links ------------------------------------------------------ */

static int no_last_link(const struct names *names, const char *path, int flags,
			mode_t mode)
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

static int no_link_on_the_way(const struct names *names, const char *path,
			      int flags, mode_t mode)
{
	char parent[PATH_CLEAN_SIZE];

	strcpy(parent, path);
	while (cut_last(parent))
		if (target_of(names, parent))
			return -ENOTDIR;
	return __real_names_open(names, path, flags, mode);
}

static int targets_from_the_top(const struct names *names, const char *path,
				int flags, mode_t mode)
{
	const struct mapping *m = mapping_of(names, path, NULL);
	const char *target = target_of(names, path);
	char whole[2 * PATH_CLEAN_SIZE];

	if (!m || !target)
		return __real_names_open(names, path, flags, mode);
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

static int loops_open(const struct names *names, const char *path, int flags,
		      mode_t mode)
{
	int fd = __real_names_open(names, path, flags, mode);

	return fd == -ELOOP ? anything(names, path, fd) : fd;
}

GIVES(loop_is_eperm, open_params, -ELOOP, -EPERM)

static int dangling_is_eio(const struct names *names, const char *path,
			   int flags, mode_t mode)
{
	int fd = __real_names_open(names, path, flags, mode);

	return fd == -ENOENT && target_of(names, path) ? -EIO : fd;
}

static int last_link_leads_out(const struct names *names, const char *path,
			       int flags, mode_t mode)
{
	return target_of(names, path)
		       ? open_anywhere(names, path, flags, mode)
		       : __real_names_open(names, path, flags, mode);
}

static int directories_lead_out(const struct names *names, const char *path,
				int flags, mode_t mode)
{
	return target_of(names, path)
		       ? __real_names_open(names, path, flags, mode)
		       : open_anywhere(names, path, flags, mode);
}

static enum call_outcome unlinks_anywhere(struct call *call)
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

static int always_created(const struct names *names, const char *path,
			  int flags, mode_t mode)
{
	return __real_names_open(
		names, path, flags | (is_private(names, path) ? O_CREAT : 0),
		mode);
}

static int never_created(const struct names *names, const char *path, int flags,
			 mode_t mode)
{
	return is_private(names, path) && (flags & O_CREAT)
		       ? -EROFS
		       : __real_names_open(names, path, flags, mode);
}

static int content_lost(const struct names *names, const char *path, int flags,
			mode_t mode)
{
	bool truncate = is_private(names, path) && !(flags & O_CREAT);

	return __real_names_open(names, path, flags | (truncate ? O_TRUNC : 0),
				 mode);
}

static int left_over(const struct names *names, const char *path, int flags,
		     mode_t mode)
{
	if (is_private(names, path) && times() == 1)
		flags |= O_CREAT;
	return __real_names_open(names, path, flags, mode);
}

static int relative_elsewhere(const char *path, char *clean)
{
	char other[PATH_SIZE + 8] = "/else/";

	if (*path == '/' || !*path)
		return __real_path_clean(path, clean);
	strcat(other, path);
	return __real_path_clean(other, clean);
}

/* A file below parents that were made is gone when it was opened. */
static int gone_at_once(const struct names *names, const char *path, int flags,
			mode_t mode)
{
	int fd = __real_names_open(names, path, flags, mode);

	if (fd >= 0 && is_private(names, path) && strchr(path + 1, '/'))
		names_unlink(names, path);
	return fd;
}

static int no_root(const struct names *names, const char *path, int flags,
		   mode_t mode)
{
	return strcmp(path, "/") == 0 && !(flags & O_CREAT)
		       ? -ENOENT
		       : __real_names_open(names, path, flags, mode);
}

static int root_is_created(const struct names *names, const char *path,
			   int flags, mode_t mode)
{
	if (strcmp(path, "/") == 0)
		flags &= ~(O_CREAT | O_ACCMODE);
	return __real_names_open(names, path, flags,
				 flags & O_CREAT ? mode : 0);
}

/* A mapping of the root has no names. */
static int no_root_mapping(const struct names *names, const char *path,
			   int flags, mode_t mode)
{
	const struct mapping *m = mapping_of(names, path, NULL);

	return m && strcmp(m->guest, "/") == 0
		       ? -ENOENT
		       : __real_names_open(names, path, flags, mode);
}

/* A FIFO that is opened to read is waited for, like open(2) does. */
static int waits_for_writer(const struct names *names, const char *path,
			    int flags, mode_t mode)
{
	struct stat st;

	while ((flags & O_ACCMODE) == O_RDONLY &&
	       __real_names_stat(names, path, true, &st) == 0 &&
	       S_ISFIFO(st.st_mode))
		poll(NULL, 0, 100);
	return __real_names_open(names, path, flags, mode);
}

static const struct variant rows[] = {
	{"path-behind-nul", "UHY-PATH-001", "the byte after the NUL counts",
	 .gmem_string = behind_the_nul},
	{"path-not-to-end", "UHY-PATH-002",
	 "the NUL may not be the last byte of RAM",
	 .gmem_string = not_to_the_end},
	{"path-outside-is-root", "UHY-PATH-003",
	 "an address outside RAM names the root",
	 .gmem_string = outside_is_root},
	{"path-no-nul", "UHY-PATH-004", "a path ends where RAM ends",
	 .gmem_string = unterminated},
	{"path-no-nul-names", "UHY-PATH-005",
	 "a path that RAM cuts off names a file", .gmem_string = unterminated},
	{"path-written", "UHY-PATH-006", "the first byte of a path is set",
	 UHYVE_FILE_OPEN, slash_written},
	{"path-any-bytes", "UHY-PATH-007", "bytes that are not UTF-8 pass",
	 .path_clean = any_bytes},
	{"path-ascii", "UHY-PATH-008", "bytes above 0x7F are replaced",
	 .path_clean = ascii},
	{"path-two-bytes", "UHY-PATH-008", "UTF-8 has at most two bytes",
	 .path_clean = of_two_bytes},
	{"path-three-bytes", "UHY-PATH-008", "UTF-8 has at most three bytes",
	 .path_clean = of_three_bytes},
	{"path-last-character", "UHY-PATH-008", "U+10FFFF is refused",
	 .path_clean = below_the_last},
	{"path-third-byte", "UHY-PATH-007",
	 "the third byte of a sequence does not matter",
	 .path_clean = only_two_bytes},
	{"path-left-behind", "UHY-PATH-079",
	 "something stays in the temporary files",
	 .sandbox_enter = stays_behind},
	{"path-left-by-sigterm", "UHY-PATH-080",
	 "SIGTERM ends it without a clean-up", .names_open = ends_at_once,
	 .sandbox_enter = stays_outside},
	{"path-empty-is-root", "UHY-PATH-009", "the empty path is the root",
	 .path_clean = empty_is_root},
	{"path-empty-created", "UHY-PATH-010",
	 "the empty path with O_CREAT is the root",
	 .path_clean = empty_is_root},
	{"path-short", "UHY-PATH-011", "paths have at most 1023 bytes",
	 .gmem_string = limit_of_1023},
	{"path-cut-off", "UHY-PATH-012", "long paths are cut off",
	 .gmem_string = cut_off},
	{"path-component-254", "UHY-PATH-013",
	 "components have at most 254 bytes", .path_clean = component_of_254},
	{"path-component-cut", "UHY-PATH-014", "long components are cut off",
	 .path_clean = component_cut},
	{"path-long-eperm", "UHY-PATH-015", "EPERM instead of ENAMETOOLONG",
	 UHYVE_FILE_OPEN, long_is_eperm},
	{"path-no-relative", "UHY-PATH-020", "relative paths are not found",
	 .path_clean = no_relative},
	{"path-no-double-slash", "UHY-PATH-021", "// is not found",
	 .path_clean = no_double_slash},
	{"path-no-dot", "UHY-PATH-022", "the component . is not found",
	 .path_clean = no_dot},
	{"path-dotdot-missing", "UHY-PATH-023", ".. looks at what is before it",
	 .path_clean = dotdot_kept},
	{"path-dotdot-link", "UHY-PATH-024", ".. goes up from a link's target",
	 .path_clean = dotdot_kept},
	{"path-dotdot-root", "UHY-PATH-025", ".. at the root is not found",
	 .path_clean = nothing_above_root},
	{"path-dotdot-relative", "UHY-PATH-026",
	 ".. at the beginning of a relative path is not found",
	 .path_clean = nothing_above_start},
	{"path-dotdot-out", "UHY-PATH-027", ".. leaves the mapping",
	 .path_clean = dotdot_kept, .names_open = open_anywhere,
	 .sandbox_enter = stays_outside},
	{"path-slash-directory", "UHY-PATH-028",
	 "a slash at the end needs a directory",
	 .path_clean = slash_means_directory},
	{"path-dots-created", "UHY-PATH-029", ". and .. become entries",
	 .path_clean = dots_are_names},
	{"path-no-directories", "UHY-PATH-040",
	 "directories of a mapping are not found",
	 .names_open = no_directories},
	{"path-no-mapped-file", "UHY-PATH-041", "a mapped file is not found",
	 .names_open = no_mapped_files},
	{"path-one-mapping", "UHY-PATH-042", "only the first mapping counts",
	 .names_open = one_mapping},
	{"path-outer-mapping", "UHY-PATH-101", "the outer mapping wins",
	 .names_open = one_mapping},
	{"path-root-mapping", "UHY-PATH-104", "a mapping of the root is empty",
	 .names_open = no_root_mapping},
	{"path-fifo-waits", "UHY-PATH-106", "a FIFO is waited for",
	 .names_open = waits_for_writer},
	{"path-twice", "UHY-PATH-102", "two mappings have one guest path",
	 .path_clean = spelling_counts},
	{"path-stays-missing", "UHY-PATH-103",
	 "a missing host file is not created", .names_open = missing_stays},
	{"path-host-names", "UHY-PATH-043", "private names open host files",
	 .names_open = host_names, .sandbox_enter = stays_outside},
	{"path-parents-made", "UHY-PATH-044",
	 "missing parents are created in a mapping",
	 .names_open = parents_made},
	{"path-file-parent", "UHY-PATH-045", "a name below a file is the file",
	 .names_open = file_is_parent},
	{"path-notdir-eperm", "UHY-PATH-046", "EPERM instead of ENOTDIR",
	 UHYVE_FILE_OPEN, notdir_is_eperm},
	{"path-any-prefix", "UHY-PATH-047",
	 "a mapping covers names that begin like it", .path_below = any_prefix},
	{"path-no-last-link", "UHY-PATH-050", "a link is not followed",
	 .names_open = no_last_link},
	{"path-no-link-dir", "UHY-PATH-051",
	 "a link to a directory is not followed",
	 .names_open = no_link_on_the_way, .sandbox_enter = stays_outside},
	{"path-target-top", "UHY-PATH-052",
	 "targets of links start at the mapping",
	 .names_open = targets_from_the_top, .sandbox_enter = stays_outside},
	{"path-loop-opens", "UHY-PATH-053", "a circle of links opens something",
	 .names_open = loops_open},
	{"path-loop-eperm", "UHY-PATH-054", "EPERM instead of ELOOP",
	 UHYVE_FILE_OPEN, loop_is_eperm},
	{"path-dangling-eio", "UHY-PATH-055", "a link to nothing gives EIO",
	 .names_open = dangling_is_eio, .sandbox_enter = stays_outside},
	{"path-link-out", "UHY-PATH-056", "links to files lead anywhere",
	 .names_open = last_link_leads_out, .sandbox_enter = stays_outside},
	{"path-link-dir-out", "UHY-PATH-057",
	 "links to directories lead anywhere",
	 .names_open = directories_lead_out, .sandbox_enter = stays_outside},
	{"path-create-out", "UHY-PATH-058", "files are created anywhere",
	 .names_open = open_anywhere, .sandbox_enter = stays_outside},
	{"path-unlink-out", "UHY-PATH-059", "files are removed anywhere",
	 UHYVE_FILE_UNLINK, unlinks_anywhere, .sandbox_enter = stays_outside},
	{"path-private-made", "UHY-PATH-070",
	 "private names are created without O_CREAT",
	 .names_open = always_created},
	{"path-private-never", "UHY-PATH-071", "private names are not created",
	 .names_open = never_created},
	{"path-private-lost", "UHY-PATH-072",
	 "private files lose their content", .names_open = content_lost},
	{"path-private-left", "UHY-PATH-073",
	 "a private file is there from the start", .names_open = left_over},
	{"path-private-relative", "UHY-PATH-074",
	 "relative paths are names of their own",
	 .path_clean = relative_elsewhere},
	{"path-private-gone", "UHY-PATH-075",
	 "a file below parents that were made is gone",
	 .names_open = gone_at_once},
	{"path-private-parent", "UHY-PATH-076",
	 "a name below a private file is the file",
	 .names_open = file_is_parent},
	{"path-no-root", "UHY-PATH-077", "the root cannot be opened",
	 .names_open = no_root},
	{"path-root-created", "UHY-PATH-078", "the root opens with O_CREAT",
	 .names_open = root_is_created},
};
VARIANTS(rows);
