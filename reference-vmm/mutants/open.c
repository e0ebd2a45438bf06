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

	params(call)->flags = flags;
	enum call_outcome outcome = original(call);
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

GIVES(OPEN, "open-from-2", "UHY-OPEN-001", "the first descriptor is 2",
      p->ret == 3, 2)

HANDLER(OPEN, "open-same-number", "UHY-OPEN-002",
	"every FileOpen gives the first descriptor")
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
AT(names_open, "open-shared", "UHY-OPEN-003", "a file has one position",
   .sandbox_enter = stays_outside)
{
	static char last[PATH_CLEAN_SIZE];
	static int host = -1;

	if (host >= 0 && strcmp(path, last) == 0)
		return dup(host);
	host = REAL(names_open);
	strcpy(last, path);
	return host;
}

GIVES(OPEN, "open-missing-eio", "UHY-OPEN-004", "EIO instead of ENOENT",
      p->ret == -ENOENT, -EIO)

AFTER(OPEN, "open-position-1", "UHY-OPEN-009", "the first position is 1")
{
	if (params(call)->ret >= 0)
		files_lseek(files_of(call), params(call)->ret, 1, SEEK_SET);
}

/* The lowest descriptor that the guest has not got, closed ones included. */
AT(call_write, "open-closed-1", "UHY-OPEN-010",
   "1 is given after it was closed")
{
	static bool closed;
	enum call_outcome outcome = REAL(call_write);

	if (call->number == UHYVE_FILE_CLOSE &&
	    call->block.close_params.fd == 1)
		closed = true;
	else if (call->number == UHYVE_FILE_OPEN && closed)
		scribble_block(call, 16, 1, 4);
	return outcome;
}

AT(descriptors_add, "open-up-to-32", "UHY-OPEN-011", "there are 29 descriptors")
{
	int fd = REAL(descriptors_add);

	if (fd < 32)
		return fd;
	descriptors_close(table, fd);
	return -EMFILE;
}

GIVES(OPEN, "open-none-left-0", "UHY-OPEN-012", "0 when none is left",
      p->ret == -EMFILE, 0)
GIVES(OPEN, "open-none-left-eperm", "UHY-OPEN-013", "EPERM instead of EMFILE",
      p->ret == -EMFILE, -EPERM)

/* The descriptor that was given last, again. */
HANDLER(OPEN, "open-none-left-last", "UHY-OPEN-012",
	"the last descriptor again when none is left")
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
HANDLER(OPEN, "open-none-left-creates", "UHY-OPEN-026",
	"EMFILE, and the file is there", .sandbox_enter = stays_outside)
{
	const struct names *names = &files_of(call)->names;
	const char *rest = NULL;

	original(call);
	const char *path = path_of(call, params(call)->name);
	const struct mapping *m = mapping_of(names, path, &rest);
	if (params(call)->ret == -EMFILE &&
	    (params(call)->flags & UHYVE_O_CREAT))
		mknodat(m ? m->dir : names->mappings[0].dir,
			m ? rest : path + 1, S_IFREG | 0644, 0);
	return CALL_RESUME;
}

HANDLER(OPEN, "open-none-left-parents", "UHY-OPEN-026",
	"EMFILE, and the parents are there")
{
	original(call);
	char path[PATH_CLEAN_SIZE];
	strcpy(path, path_of(call, params(call)->name));
	if (params(call)->ret == -EMFILE && cut_last(path))
		mkdirat(files_of(call)->names.mappings[0].dir, path + 1, 0755);
	return CALL_RESUME;
}

/* Parents stay that were created for a file that could not be created. */
HANDLER(OPEN, "open-parents-stay", "UHY-OPEN-026",
	"ENAMETOOLONG, and the parents are there")
{
	original(call);
	char path[PATH_CLEAN_SIZE];
	strcpy(path, path_of(call, params(call)->name));
	if (params(call)->ret == -ENAMETOOLONG && cut_last(path))
		names_mkdir(&files_of(call)->names, path);
	return CALL_RESUME;
}

/* Parents of a private name that is only looked for. */
HANDLER(OPEN, "open-parents-without-creat", "UHY-OPEN-026",
	"missing parents are made without O_CREAT")
{
	char path[PATH_CLEAN_SIZE];

	strcpy(path, path_of(call, params(call)->name));
	if (!is_mapped(call, params(call)->name) && cut_last(path))
		names_mkdir(&files_of(call)->names, path);
	return original(call);
}

HANDLER(OPEN, "open-never-again", "UHY-OPEN-014",
	"once none is left, none ever is again")
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

SCRIBBLES(OPEN, "open-flags-written", "UHY-BLOCK-020", "flags is written", 8,
	  0x5a, 4)

/* ---- Creating ------------------------------------------------------------ */

HANDLER(OPEN, "open-creat-ignored", "UHY-OPEN-005", "O_CREAT is ignored")
{
	return without(call, UHYVE_O_CREAT);
}

AT(names_open, "open-mode-600", "UHY-OPEN-006", "new files have mode 0600")
{
	return __real_names_open(names, path, flags,
				 flags & O_CREAT ? 0600 : mode);
}

AT(names_open, "open-mode-group", "UHY-OPEN-006", "new files lack group write")
{
	return __real_names_open(names, path, flags, mode & ~020u);
}

HANDLER(OPEN, "open-creat-truncates", "UHY-OPEN-007", "O_CREAT truncates")
{
	int32_t flags = params(call)->flags;

	return with(call,
		    flags & UHYVE_O_CREAT ? flags | UHYVE_O_TRUNC : flags);
}

HANDLER(OPEN, "open-excl-ignored", "UHY-OPEN-008", "O_EXCL is ignored")
{
	return without(call, UHYVE_O_EXCL);
}

AT(names_open, "open-excl-follows", "UHY-OPEN-016", "O_EXCL follows links",
   .sandbox_enter = stays_outside)
{
	int fd = REAL(names_open);
	const char *rest;
	const struct mapping *m = mapping_of(names, path, &rest);
	char target[16];

	if (fd == -EEXIST && m &&
	    readlinkat(m->dir, rest, target, sizeof(target)) > 0)
		return __real_names_open(names, path, flags & ~O_EXCL, mode);
	return fd;
}

AFTER(OPEN, "open-excl-needs-creat", "UHY-OPEN-017",
      "O_EXCL without O_CREAT is EINVAL")
{
	if (params(call)->flags & UHYVE_O_EXCL &&
	    !(params(call)->flags & UHYVE_O_CREAT))
		give_up(call, -EINVAL);
}

HANDLER(OPEN, "open-excl-always", "UHY-OPEN-018", "O_EXCL always fails")
{
	if ((params(call)->flags & UHYVE_O_EXCL) &&
	    (params(call)->flags & UHYVE_O_CREAT)) {
		params(call)->ret = -EEXIST;
		return CALL_RESUME;
	}
	return original(call);
}

/* An existing file is replaced by a new one. */
AT(names_open, "open-creates-anew", "UHY-OPEN-019",
   "O_CREAT replaces an existing file")
{
	if (flags & O_CREAT)
		names_unlink(names, path);
	return REAL(names_open);
}

AT(names_open, "open-set-user-id", "UHY-OPEN-020", "new files are set-user-ID")
{
	return __real_names_open(names, path, flags,
				 flags & O_CREAT ? mode | S_ISUID : mode);
}

AT(names_open, "open-mode-counts", "UHY-OPEN-021",
   "the mode of a new file restricts its descriptor")
{
	if ((flags & O_CREAT) && !(mode & 0200))
		flags &= ~O_ACCMODE;
	return REAL(names_open);
}

AFTER(OPEN, "open-creat-needs-write", "UHY-OPEN-022",
      "O_CREAT with O_RDONLY is EINVAL")
{
	if ((params(call)->flags & UHYVE_O_CREAT) &&
	    !(params(call)->flags & UHYVE_O_ACCMODE))
		give_up(call, -EINVAL);
}

HANDLER(OPEN, "open-creat-directory", "UHY-OPEN-023",
	"O_DIRECTORY is ignored with O_CREAT")
{
	return params(call)->flags & UHYVE_O_CREAT
		       ? without(call, UHYVE_O_DIRECTORY)
		       : original(call);
}

HANDLER(OPEN, "open-creat-nevertheless", "UHY-OPEN-024",
	"O_CREAT with O_DIRECTORY fails and creates")
{
	bool both = (params(call)->flags & UHYVE_O_CREAT) &&
		    (params(call)->flags & UHYVE_O_DIRECTORY);

	if (!both)
		return original(call);
	without(call, UHYVE_O_DIRECTORY);
	give_up(call, -EINVAL);
	return CALL_RESUME;
}

GIVES(OPEN, "open-directory-exists", "UHY-OPEN-025",
      "O_CREAT of a directory is EEXIST",
      p->ret == -EISDIR && p->flags & UHYVE_O_CREAT, -EEXIST)

HANDLER(OPEN, "open-truncated-nevertheless", "UHY-OPEN-026",
	"O_EXCL with O_TRUNC fails and truncates")
{
	original(call);
	if (params(call)->ret == -EEXIST &&
	    (params(call)->flags & UHYVE_O_TRUNC)) {
		int fd = files_open(files_of(call),
				    path_of(call, params(call)->name),
				    UHYVE_O_WRONLY | UHYVE_O_TRUNC, 0);
		files_close(files_of(call), fd);
	}
	return CALL_RESUME;
}

/* ---- Truncating and appending -------------------------------------------- */

HANDLER(OPEN, "open-trunc-ignored", "UHY-OPEN-030", "O_TRUNC is ignored")
{
	return without(call, UHYVE_O_TRUNC);
}

HANDLER(OPEN, "open-trunc-writes", "UHY-OPEN-031",
	"O_TRUNC with O_RDONLY changes the file")
{
	original(call);
	if ((params(call)->flags & (UHYVE_O_TRUNC | UHYVE_O_ACCMODE)) ==
	    UHYVE_O_TRUNC) {
		int fd = files_open(files_of(call),
				    path_of(call, params(call)->name),
				    UHYVE_O_WRONLY, 0);
		files_write(files_of(call), fd, "x", 1);
		files_close(files_of(call), fd);
	}
	return CALL_RESUME;
}

HANDLER(OPEN, "open-append-ignored", "UHY-OPEN-033", "O_APPEND is ignored")
{
	return without(call, UHYVE_O_APPEND);
}

HANDLER(OPEN, "open-append-once", "UHY-OPEN-034",
	"O_APPEND is where the file ended then")
{
	without(call, UHYVE_O_APPEND);
	if (params(call)->flags & UHYVE_O_APPEND)
		files_lseek(files_of(call), params(call)->ret, 0, SEEK_END);
	return CALL_RESUME;
}

/* At a position that the host refuses nothing is appended. */
HANDLER(WRITE, "open-append-far", "UHY-OPEN-034",
	"nothing is appended from positions above 4 GiB")
{
	struct uhyve_write_params *p = &call->block.write_params;
	int access = access_of(call, p->fd);

	if (access < 0 || !(access & O_APPEND) ||
	    files_lseek(files_of(call), p->fd, 0, SEEK_CUR) < 1ll << 32)
		return original(call);
	p->ret = -EINVAL;
	return CALL_RESUME;
}

HANDLER(WRITE, "open-append-position", "UHY-OPEN-035",
	"appending leaves the position")
{
	struct uhyve_write_params *p = &call->block.write_params;
	int64_t before = files_lseek(files_of(call), p->fd, 0, SEEK_CUR);

	original(call);
	if (access_of(call, p->fd) > 0 && access_of(call, p->fd) & O_APPEND)
		files_lseek(files_of(call), p->fd, before, SEEK_SET);
	return CALL_RESUME;
}

HANDLER(READ, "open-append-reads", "UHY-OPEN-036", "O_APPEND reads at the end")
{
	struct uhyve_read_params *p = &call->block.read_params;

	if (access_of(call, p->fd) > 0 && access_of(call, p->fd) & O_APPEND)
		files_lseek(files_of(call), p->fd, 0, SEEK_END);
	return original(call);
}

/* ---- Flags and directories ----------------------------------------------- */

AFTER(OPEN, "open-strict-flags", "UHY-OPEN-040", "unknown flags are EINVAL")
{
	if (params(call)->flags & ~UHYVE_O_ALLOWED)
		give_up(call, -EINVAL);
}

GIVES(OPEN, "open-mode-3-eperm", "UHY-OPEN-041", "access mode 3 is EPERM",
      (p->flags & UHYVE_O_ACCMODE) == UHYVE_O_ACCMODE, -EPERM)

HANDLER(OPEN, "open-mode-3-rdwr", "UHY-OPEN-042", "access mode 3 is O_RDWR")
{
	bool both = (params(call)->flags & UHYVE_O_ACCMODE) == UHYVE_O_ACCMODE;

	return both ? without(call, UHYVE_O_WRONLY) : original(call);
}

HANDLER(OPEN, "open-no-directories", "UHY-OPEN-050",
	"directories cannot be opened")
{
	bool mapping = is_mapping(call, params(call)->name);

	original(call);
	if (params(call)->flags & UHYVE_O_DIRECTORY && !mapping)
		give_up(call, -ENOTDIR);
	return CALL_RESUME;
}

HANDLER(OPEN, "open-no-mappings", "UHY-OPEN-055",
	"a mapped directory cannot be opened itself")
{
	bool mapping = is_mapping(call, params(call)->name);

	original(call);
	if (params(call)->flags & UHYVE_O_DIRECTORY && mapping)
		give_up(call, -ENOTDIR);
	return CALL_RESUME;
}

GIVES(OPEN, "open-directory-eperm", "UHY-OPEN-051", "EPERM instead of EISDIR",
      p->ret == -EISDIR && !(p->flags & UHYVE_O_CREAT), -EPERM)

AFTER(OPEN, "open-directory-flag", "UHY-OPEN-052",
      "directories need O_DIRECTORY")
{
	if (!(params(call)->flags & UHYVE_O_DIRECTORY) &&
	    S_ISDIR(stat_of(call, params(call)->ret).st_mode))
		give_up(call, -EINVAL);
}

HANDLER(OPEN, "open-directory-ignored", "UHY-OPEN-053",
	"O_DIRECTORY is ignored")
{
	return without(call, UHYVE_O_DIRECTORY);
}

GIVES(OPEN, "open-notdir-eperm", "UHY-OPEN-054", "EPERM instead of ENOTDIR",
      p->ret == -ENOTDIR && p->flags & UHYVE_O_DIRECTORY, -EPERM)
