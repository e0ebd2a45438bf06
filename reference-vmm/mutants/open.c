/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileOpen. */
#include "file.h"

static struct uhyve_open_params *params(struct call *call)
{
	return &call->block.open_params;
}

/* FileOpen with other flags, but the block says what the guest wrote. */
static enum call_outcome with(struct call *call, int32_t flags)
{
	int32_t as_given = params(call)->flags;
	enum call_outcome outcome;

	params(call)->flags = flags;
	outcome = original(call);
	params(call)->flags = as_given;
	return outcome;
}

static enum call_outcome without(struct call *call, int32_t flags)
{
	return with(call, params(call)->flags & ~flags);
}

/* Gives up a descriptor again, and an error instead. */
static void give_up(struct call *call, int error)
{
	if (params(call)->ret >= 0)
		files_close(files_of(call), params(call)->ret);
	params(call)->ret = error;
}

/* ---- Opening ------------------------------------------------------------- */

GIVES(from_2_on, open_params, 3, 2)

static enum call_outcome the_same_again(struct call *call)
{
	static int32_t first;

	original(call);
	if (times() == 1)
		first = params(call)->ret;
	else if (params(call)->ret >= 0)
		params(call)->ret = first;
	return CALL_RESUME;
}

/* Two descriptors of one open file of the host. */
static int shared(const struct names *names, const char *path, int flags,
		  mode_t mode)
{
	static char last[PATH_CLEAN_SIZE];
	static int host = -1;

	if (host >= 0 && strcmp(path, last) == 0)
		return dup(host);
	host = __real_names_open(names, path, flags, mode);
	strcpy(last, path);
	return host;
}

GIVES(missing_is_eio, open_params, -ENOENT, -EIO)

static enum call_outcome position_1(struct call *call)
{
	original(call);
	if (params(call)->ret >= 0)
		files_lseek(files_of(call), params(call)->ret, 1, SEEK_SET);
	return CALL_RESUME;
}

/* The lowest descriptor that the guest has not got, closed ones included. */
static enum call_outcome closed_1(const struct call_table *table,
				  struct call *call)
{
	static bool closed;
	enum call_outcome outcome = __real_call_write(table, call);

	if (call->number == UHYVE_FILE_CLOSE &&
	    call->block.close_params.fd == 1)
		closed = true;
	else if (call->number == UHYVE_FILE_OPEN && closed)
		scribble_block(call, 16, 1, 4);
	return outcome;
}

static int up_to_32(struct descriptors *table, int host)
{
	int fd = __real_descriptors_add(table, host);

	if (fd < 32)
		return fd;
	descriptors_close(table, fd);
	return -EMFILE;
}

GIVES(none_left_is_0, open_params, -EMFILE, 0)
GIVES(none_left_is_eperm, open_params, -EMFILE, -EPERM)

/* The descriptor that was given last, again. */
static enum call_outcome none_left_is_the_last(struct call *call)
{
	static int32_t last;

	original(call);
	if (params(call)->ret >= 0)
		last = params(call)->ret;
	else if (params(call)->ret == -EMFILE)
		params(call)->ret = last;
	return CALL_RESUME;
}

/* Creates what it has no descriptor for: the file, or its parent. */
static enum call_outcome none_left_creates(struct call *call)
{
	const struct names *names = &files_of(call)->names;
	const char *path, *rest = NULL;
	const struct mapping *m;

	original(call);
	path = path_of(call, params(call)->name);
	m = mapping_of(names, path, &rest);
	if (params(call)->ret == -EMFILE &&
	    (params(call)->flags & UHYVE_O_CREAT))
		mknodat(m ? m->dir : names->mappings[0].dir,
			m ? rest : path + 1, S_IFREG | 0644, 0);
	return CALL_RESUME;
}

static enum call_outcome none_left_makes_parents(struct call *call)
{
	char path[PATH_CLEAN_SIZE];

	original(call);
	strcpy(path, path_of(call, params(call)->name));
	if (params(call)->ret == -EMFILE && cut_last(path))
		mkdirat(files_of(call)->names.mappings[0].dir, path + 1, 0755);
	return CALL_RESUME;
}

/* Parents stay that were created for a file that could not be created. */
static enum call_outcome parents_stay(struct call *call)
{
	char path[PATH_CLEAN_SIZE];

	original(call);
	strcpy(path, path_of(call, params(call)->name));
	if (params(call)->ret == -ENAMETOOLONG && cut_last(path))
		names_mkdir(&files_of(call)->names, path);
	return CALL_RESUME;
}

/* Parents of a private name that is only looked for. */
static enum call_outcome parents_without_creat(struct call *call)
{
	char path[PATH_CLEAN_SIZE];

	strcpy(path, path_of(call, params(call)->name));
	if (!is_mapped(call, params(call)->name) && cut_last(path))
		names_mkdir(&files_of(call)->names, path);
	return original(call);
}

static enum call_outcome never_again(struct call *call)
{
	static bool full;

	if (full) {
		params(call)->ret = -EMFILE;
		return CALL_RESUME;
	}
	original(call);
	full = params(call)->ret == -EMFILE;
	return CALL_RESUME;
}

SCRIBBLES(flags_written, 8, 0x5a, 4)

/* ---- Creating ------------------------------------------------------------ */

static enum call_outcome creat_ignored(struct call *call)
{
	return without(call, UHYVE_O_CREAT);
}

static int mode_of_600(const struct names *names, const char *path, int flags,
		       mode_t mode)
{
	return __real_names_open(names, path, flags,
				 flags & O_CREAT ? 0600 : mode);
}

static int no_group_write(const struct names *names, const char *path,
			  int flags, mode_t mode)
{
	return __real_names_open(names, path, flags, mode & ~020u);
}

static enum call_outcome creat_truncates(struct call *call)
{
	int32_t flags = params(call)->flags;

	return with(call,
		    flags & UHYVE_O_CREAT ? flags | UHYVE_O_TRUNC : flags);
}

static enum call_outcome excl_ignored(struct call *call)
{
	return without(call, UHYVE_O_EXCL);
}

static int excl_follows(const struct names *names, const char *path, int flags,
			mode_t mode)
{
	int fd = __real_names_open(names, path, flags, mode);
	const char *rest;
	const struct mapping *m = mapping_of(names, path, &rest);
	char target[16];

	if (fd == -EEXIST && m &&
	    readlinkat(m->dir, rest, target, sizeof(target)) > 0)
		return __real_names_open(names, path, flags & ~O_EXCL, mode);
	return fd;
}

static enum call_outcome excl_needs_creat(struct call *call)
{
	original(call);
	if (params(call)->flags & UHYVE_O_EXCL &&
	    !(params(call)->flags & UHYVE_O_CREAT))
		give_up(call, -EINVAL);
	return CALL_RESUME;
}

static enum call_outcome excl_always_fails(struct call *call)
{
	if ((params(call)->flags & UHYVE_O_EXCL) &&
	    (params(call)->flags & UHYVE_O_CREAT)) {
		params(call)->ret = -EEXIST;
		return CALL_RESUME;
	}
	return original(call);
}

/* An existing file is replaced by a new one. */
static int creates_anew(const struct names *names, const char *path, int flags,
			mode_t mode)
{
	if (flags & O_CREAT)
		names_unlink(names, path);
	return __real_names_open(names, path, flags, mode);
}

static int set_user_id(const struct names *names, const char *path, int flags,
		       mode_t mode)
{
	return __real_names_open(names, path, flags,
				 flags & O_CREAT ? mode | S_ISUID : mode);
}

static int mode_counts(const struct names *names, const char *path, int flags,
		       mode_t mode)
{
	if ((flags & O_CREAT) && !(mode & 0200))
		flags &= ~O_ACCMODE;
	return __real_names_open(names, path, flags, mode);
}

static enum call_outcome creat_needs_write(struct call *call)
{
	original(call);
	if ((params(call)->flags & UHYVE_O_CREAT) &&
	    !(params(call)->flags & UHYVE_O_ACCMODE))
		give_up(call, -EINVAL);
	return CALL_RESUME;
}

static enum call_outcome directory_not_with_creat(struct call *call)
{
	return params(call)->flags & UHYVE_O_CREAT
		       ? without(call, UHYVE_O_DIRECTORY)
		       : original(call);
}

static enum call_outcome created_nevertheless(struct call *call)
{
	bool both = (params(call)->flags & UHYVE_O_CREAT) &&
		    (params(call)->flags & UHYVE_O_DIRECTORY);

	if (!both)
		return original(call);
	without(call, UHYVE_O_DIRECTORY);
	give_up(call, -EINVAL);
	return CALL_RESUME;
}

GIVES_IF(directory_exists, open_params, uhyve_open_params,
	 p->ret == -EISDIR && p->flags & UHYVE_O_CREAT, -EEXIST)

static enum call_outcome truncated_nevertheless(struct call *call)
{
	int fd;

	original(call);
	if (params(call)->ret == -EEXIST &&
	    (params(call)->flags & UHYVE_O_TRUNC)) {
		fd = files_open(files_of(call),
				path_of(call, params(call)->name),
				UHYVE_O_WRONLY | UHYVE_O_TRUNC, 0);
		files_close(files_of(call), fd);
	}
	return CALL_RESUME;
}

/* ---- Truncating and appending -------------------------------------------- */

static enum call_outcome trunc_ignored(struct call *call)
{
	return without(call, UHYVE_O_TRUNC);
}

static enum call_outcome trunc_writes(struct call *call)
{
	int fd;

	original(call);
	if ((params(call)->flags & (UHYVE_O_TRUNC | UHYVE_O_ACCMODE)) ==
	    UHYVE_O_TRUNC) {
		fd = files_open(files_of(call),
				path_of(call, params(call)->name),
				UHYVE_O_WRONLY, 0);
		files_write(files_of(call), fd, "x", 1);
		files_close(files_of(call), fd);
	}
	return CALL_RESUME;
}

static enum call_outcome append_ignored(struct call *call)
{
	return without(call, UHYVE_O_APPEND);
}

static enum call_outcome append_once(struct call *call)
{
	without(call, UHYVE_O_APPEND);
	if (params(call)->flags & UHYVE_O_APPEND)
		files_lseek(files_of(call), params(call)->ret, 0, SEEK_END);
	return CALL_RESUME;
}

/* At a position that the host refuses nothing is appended. */
static enum call_outcome append_not_from_afar(struct call *call)
{
	struct uhyve_write_params *p = &call->block.write_params;
	int access = access_of(call, p->fd);

	if (access < 0 || !(access & O_APPEND) ||
	    files_lseek(files_of(call), p->fd, 0, SEEK_CUR) < 1ll << 32)
		return original(call);
	p->ret = -EINVAL;
	return CALL_RESUME;
}

static enum call_outcome append_keeps_position(struct call *call)
{
	struct uhyve_write_params *p = &call->block.write_params;
	int64_t before = files_lseek(files_of(call), p->fd, 0, SEEK_CUR);

	original(call);
	if (access_of(call, p->fd) > 0 && access_of(call, p->fd) & O_APPEND)
		files_lseek(files_of(call), p->fd, before, SEEK_SET);
	return CALL_RESUME;
}

static enum call_outcome append_reads_at_end(struct call *call)
{
	struct uhyve_read_params *p = &call->block.read_params;

	if (access_of(call, p->fd) > 0 && access_of(call, p->fd) & O_APPEND)
		files_lseek(files_of(call), p->fd, 0, SEEK_END);
	return original(call);
}

/* ---- Flags and directories ----------------------------------------------- */

static enum call_outcome strict_flags(struct call *call)
{
	original(call);
	if (params(call)->flags & ~UHYVE_O_ALLOWED)
		give_up(call, -EINVAL);
	return CALL_RESUME;
}

GIVES_IF(mode_3_is_eperm, open_params, uhyve_open_params,
	 (p->flags & UHYVE_O_ACCMODE) == UHYVE_O_ACCMODE, -EPERM)

static enum call_outcome mode_3_is_2(struct call *call)
{
	bool both = (params(call)->flags & UHYVE_O_ACCMODE) == UHYVE_O_ACCMODE;

	return both ? without(call, UHYVE_O_WRONLY) : original(call);
}

static enum call_outcome no_directories(struct call *call)
{
	bool mapping = is_mapping(call, params(call)->name);

	original(call);
	if (params(call)->flags & UHYVE_O_DIRECTORY && !mapping)
		give_up(call, -ENOTDIR);
	return CALL_RESUME;
}

static enum call_outcome no_mappings(struct call *call)
{
	bool mapping = is_mapping(call, params(call)->name);

	original(call);
	if (params(call)->flags & UHYVE_O_DIRECTORY && mapping)
		give_up(call, -ENOTDIR);
	return CALL_RESUME;
}

GIVES_IF(directory_is_eperm, open_params, uhyve_open_params,
	 p->ret == -EISDIR && !(p->flags & UHYVE_O_CREAT), -EPERM)

static enum call_outcome directory_needs_flag(struct call *call)
{
	original(call);
	if (!(params(call)->flags & UHYVE_O_DIRECTORY) &&
	    S_ISDIR(stat_of(call, params(call)->ret).st_mode))
		give_up(call, -EINVAL);
	return CALL_RESUME;
}

static enum call_outcome directory_ignored(struct call *call)
{
	return without(call, UHYVE_O_DIRECTORY);
}

GIVES_IF(not_directory_is_eperm, open_params, uhyve_open_params,
	 p->ret == -ENOTDIR && p->flags & UHYVE_O_DIRECTORY, -EPERM)

#define OPEN UHYVE_FILE_OPEN
static const struct variant rows[] = {
	{"open-from-2", "UHY-OPEN-001", "the first descriptor is 2", OPEN,
	 from_2_on},
	{"open-same-number", "UHY-OPEN-002",
	 "every FileOpen gives the first descriptor", OPEN, the_same_again},
	{"open-shared", "UHY-OPEN-003", "a file has one position",
	 .names_open = shared, .sandbox_enter = stays_outside},
	{"open-missing-eio", "UHY-OPEN-004", "EIO instead of ENOENT", OPEN,
	 missing_is_eio},
	{"open-creat-ignored", "UHY-OPEN-005", "O_CREAT is ignored", OPEN,
	 creat_ignored},
	{"open-mode-600", "UHY-OPEN-006", "new files have mode 0600",
	 .names_open = mode_of_600},
	{"open-mode-group", "UHY-OPEN-006", "new files lack group write",
	 .names_open = no_group_write},
	{"open-creat-truncates", "UHY-OPEN-007", "O_CREAT truncates", OPEN,
	 creat_truncates},
	{"open-excl-ignored", "UHY-OPEN-008", "O_EXCL is ignored", OPEN,
	 excl_ignored},
	{"open-position-1", "UHY-OPEN-009", "the first position is 1", OPEN,
	 position_1},
	{"open-closed-1", "UHY-OPEN-010", "1 is given after it was closed",
	 .call_write = closed_1},
	{"open-up-to-32", "UHY-OPEN-011", "there are 29 descriptors",
	 .descriptors_add = up_to_32},
	{"open-none-left-0", "UHY-OPEN-012", "0 when none is left", OPEN,
	 none_left_is_0},
	{"open-none-left-last", "UHY-OPEN-012",
	 "the last descriptor again when none is left", OPEN,
	 none_left_is_the_last},
	{"open-none-left-eperm", "UHY-OPEN-013", "EPERM instead of EMFILE",
	 OPEN, none_left_is_eperm},
	{"open-never-again", "UHY-OPEN-014",
	 "once none is left, none ever is again", OPEN, never_again},
	{"open-flags-written", "UHY-OPEN-015", "flags is written", OPEN,
	 flags_written},
	{"open-excl-follows", "UHY-OPEN-016", "O_EXCL follows links",
	 .names_open = excl_follows, .sandbox_enter = stays_outside},
	{"open-excl-needs-creat", "UHY-OPEN-017",
	 "O_EXCL without O_CREAT is EINVAL", OPEN, excl_needs_creat},
	{"open-excl-always", "UHY-OPEN-018", "O_EXCL always fails", OPEN,
	 excl_always_fails},
	{"open-creates-anew", "UHY-OPEN-019",
	 "O_CREAT replaces an existing file", .names_open = creates_anew},
	{"open-set-user-id", "UHY-OPEN-020", "new files are set-user-ID",
	 .names_open = set_user_id},
	{"open-mode-counts", "UHY-OPEN-021",
	 "the mode of a new file restricts its descriptor",
	 .names_open = mode_counts},
	{"open-creat-needs-write", "UHY-OPEN-022",
	 "O_CREAT with O_RDONLY is EINVAL", OPEN, creat_needs_write},
	{"open-creat-directory", "UHY-OPEN-023",
	 "O_DIRECTORY is ignored with O_CREAT", OPEN, directory_not_with_creat},
	{"open-creat-nevertheless", "UHY-OPEN-024",
	 "O_CREAT with O_DIRECTORY fails and creates", OPEN,
	 created_nevertheless},
	{"open-directory-exists", "UHY-OPEN-025",
	 "O_CREAT of a directory is EEXIST", OPEN, directory_exists},
	{"open-truncated-nevertheless", "UHY-OPEN-026",
	 "O_EXCL with O_TRUNC fails and truncates", OPEN,
	 truncated_nevertheless},
	{"open-none-left-creates", "UHY-OPEN-026",
	 "EMFILE, and the file is there", OPEN, none_left_creates,
	 .sandbox_enter = stays_outside},
	{"open-none-left-parents", "UHY-OPEN-026",
	 "EMFILE, and the parents are there", OPEN, none_left_makes_parents},
	{"open-parents-stay", "UHY-OPEN-026",
	 "ENAMETOOLONG, and the parents are there", OPEN, parents_stay},
	{"open-parents-without-creat", "UHY-OPEN-026",
	 "missing parents are made without O_CREAT", OPEN,
	 parents_without_creat},
	{"open-trunc-ignored", "UHY-OPEN-030", "O_TRUNC is ignored", OPEN,
	 trunc_ignored},
	{"open-trunc-writes", "UHY-OPEN-031",
	 "O_TRUNC with O_RDONLY changes the file", OPEN, trunc_writes},
	{"open-append-ignored", "UHY-OPEN-033", "O_APPEND is ignored", OPEN,
	 append_ignored},
	{"open-append-once", "UHY-OPEN-034",
	 "O_APPEND is where the file ended then", OPEN, append_once},
	{"open-append-far", "UHY-OPEN-034",
	 "nothing is appended from positions above 4 GiB", UHYVE_FILE_WRITE,
	 append_not_from_afar},
	{"open-append-position", "UHY-OPEN-035",
	 "appending leaves the position", UHYVE_FILE_WRITE,
	 append_keeps_position},
	{"open-append-reads", "UHY-OPEN-036", "O_APPEND reads at the end",
	 UHYVE_FILE_READ, append_reads_at_end},
	{"open-strict-flags", "UHY-OPEN-040", "unknown flags are EINVAL", OPEN,
	 strict_flags},
	{"open-mode-3-eperm", "UHY-OPEN-041", "access mode 3 is EPERM", OPEN,
	 mode_3_is_eperm},
	{"open-mode-3-rdwr", "UHY-OPEN-042", "access mode 3 is O_RDWR", OPEN,
	 mode_3_is_2},
	{"open-no-directories", "UHY-OPEN-050", "directories cannot be opened",
	 OPEN, no_directories},
	{"open-directory-eperm", "UHY-OPEN-051", "EPERM instead of EISDIR",
	 OPEN, directory_is_eperm},
	{"open-directory-flag", "UHY-OPEN-052", "directories need O_DIRECTORY",
	 OPEN, directory_needs_flag},
	{"open-directory-ignored", "UHY-OPEN-053", "O_DIRECTORY is ignored",
	 OPEN, directory_ignored},
	{"open-notdir-eperm", "UHY-OPEN-054", "EPERM instead of ENOTDIR", OPEN,
	 not_directory_is_eperm},
	{"open-no-mappings", "UHY-OPEN-055",
	 "a mapped directory cannot be opened itself", OPEN, no_mappings},
};
VARIANTS(rows);
