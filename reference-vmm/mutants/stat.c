/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileStat and FileFstat. */
#include "file.h"

static struct uhyve_stat_params *params(struct call *call)
{
	return &call->block.stat_params;
}

static struct uhyve_fstat_params *fparams(struct call *call)
{
	return &call->block.fstat_params;
}

/* The attributes that a call stored; NULL when it stored none. */
static struct uhyve_file_attr *attr_at(struct call *call, struct uhyve_gpa gpa,
				       uint32_t tag)
{
	return tag == UHYVE_STAT_SUCCESS
		       ? gmem_at(&call->services->mem, gpa,
				 sizeof(struct uhyve_file_attr))
		       : NULL;
}

/*
 * Defines name_in: a field of the attributes is set where condition holds.
 * Unaligned, as attr may be. FIELD defines a handler of FileStat with it,
 * FIELD_FD one of FileFstat.
 */
#define FIELD_IN(name, field, condition, value)                                \
	static void name##_in(struct uhyve_file_attr *at)                      \
	{                                                                      \
		struct uhyve_file_attr attr, *a = &attr;                       \
		if (!at)                                                       \
			return;                                                \
		memcpy(a, at, sizeof(attr));                                   \
		if (condition)                                                 \
			a->field = (value);                                    \
		memcpy(at, a, sizeof(attr));                                   \
	}

#define FIELD(name, field, condition, value)                                   \
	FIELD_IN(name, field, condition, value)                                \
	static enum call_outcome name(struct call *call)                       \
	{                                                                      \
		original(call);                                                \
		name##_in(attr_at(call, params(call)->attr,                    \
				  params(call)->ret.tag));                     \
		return CALL_RESUME;                                            \
	}

#define FIELD_FD(name)                                                         \
	static enum call_outcome name##_fd(struct call *call)                  \
	{                                                                      \
		original(call);                                                \
		name##_in(attr_at(call, fparams(call)->attr,                   \
				  fparams(call)->ret.tag));                    \
		return CALL_RESUME;                                            \
	}

/*
 * Defines name: the result of FileStat, or of FileFstat, where condition holds;
 * error is the number that was reported, 0 for none.
 */
#define STAT_GIVES(number, params_of, name, id, what, condition, tag_, error_) \
	HANDLER(number, name, id, what)                                        \
	{                                                                      \
		enum call_outcome outcome = original(call);                    \
		__typeof__(call->block.params_of) *p = &call->block.params_of; \
		const int32_t error =                                          \
			p->ret.tag == UHYVE_STAT_ERROR ? p->ret.error : 0;     \
		(void)error;                                                   \
		if (condition)                                                 \
			p->ret = (struct uhyve_stat_result){tag_, error_};     \
		return outcome;                                                \
	}
#define SUCCESS_IF(name, id, what, condition)                                  \
	STAT_GIVES(STAT, stat_params, name, id, what, condition,               \
		   UHYVE_STAT_SUCCESS, 0)
#define FAILS_IF(name, id, what, condition, error)                             \
	STAT_GIVES(STAT, stat_params, name, id, what, condition,               \
		   UHYVE_STAT_ERROR, error)
#define FSUCCESS_IF(name, id, what, condition)                                 \
	STAT_GIVES(FSTAT, fstat_params, name, id, what, condition,             \
		   UHYVE_STAT_SUCCESS, 0)
#define FFAILS_IF(name, id, what, condition, error)                            \
	STAT_GIVES(FSTAT, fstat_params, name, id, what, condition,             \
		   UHYVE_STAT_ERROR, error)

/* ---- Attributes ---------------------------------------------------------- */

FAILS_IF("stat-eio", "UHY-STAT-001", "EIO for existing names", error == 0,
	 UHYVE_EIO)
FIELD(type_fifo, st_mode, true, (a->st_mode & 07777u) | UHYVE_S_IFIFO)
FIELD(size_less, st_size, a->st_size > 0, a->st_size - 1)
FIELD(size_of_32_bits, st_size, true, (uint32_t)a->st_size)
FIELD_FD(size_of_32_bits)
FIELD(no_links, st_nlink, true, 0)
FIELD(all_permissions, st_mode, true, a->st_mode | 0777)
FIELD(nsec_negative, st_atim.tv_nsec, true, -1)
FIELD(padding, pad[3], true, 0x5a)
FIELD_FD(padding)
FIELD(same_ino, st_ino, true, 7)
FIELD(no_blksize, st_blksize, true, 0)
FIELD_IN(dir_is_file, st_mode, (a->st_mode & UHYVE_S_IFMT) == UHYVE_S_IFDIR,
	 (a->st_mode & 07777u) | UHYVE_S_IFREG)
FIELD_FD(dir_is_file)
FIELD_IN(size_of_10, st_size, a->st_size > 10, 10)
FIELD_IN(mtim_back, st_mtim.tv_sec, true, -(int64_t)times())
FIELD_FD(mtim_back)
FIELD_FD(size_of_10)

/* st_rdev keeps what the guest had there. */
HANDLER(STAT, "stat-rdev-kept", "UHY-STAT-011", "st_rdev is not written")
{
	const struct gmem *mem = &call->services->mem;
	struct uhyve_gpa rdev = {params(call)->attr.addr + 40};
	uint64_t before = 0;

	__real_gmem_load(mem, rdev, &before, 8);
	original(call);
	if (params(call)->ret.tag == UHYVE_STAT_SUCCESS)
		scribble(call, rdev.addr, before, 8);
	return CALL_RESUME;
}

FAILS_IF("stat-no-mapping", "UHY-STAT-013", "ENOENT for a mapping",
	 is_mapping(call, p->name), UHYVE_ENOENT)
FAILS_IF("stat-no-private", "UHY-STAT-014", "ENOENT for private names",
	 error == 0 && !is_mapped(call, p->name), UHYVE_ENOENT)
FAILS_IF("stat-no-root", "UHY-STAT-015", "ENOENT for the root",
	 strcmp(path_of(call, p->name), "/") == 0, UHYVE_ENOENT)

/* ---- Names --------------------------------------------------------------- */

static enum call_outcome with_kind(struct call *call, uint32_t when,
				   uint32_t kind)
{
	uint32_t as_given = params(call)->kind;

	if (as_given == when)
		params(call)->kind = kind;
	original(call);
	params(call)->kind = as_given;
	return CALL_RESUME;
}

HANDLER(STAT, "stat-never-follows", "UHY-STAT-020",
	"kind 0 does not follow links")
{
	return with_kind(call, UHYVE_STAT_FOLLOW, UHYVE_STAT_NOFOLLOW);
}

HANDLER(STAT, "stat-follows", "UHY-STAT-021", "kind 1 follows links")
{
	return with_kind(call, UHYVE_STAT_NOFOLLOW, UHYVE_STAT_FOLLOW);
}

HANDLER(STAT, "stat-follows-nothing", "UHY-STAT-022",
	"kind 1 follows no links before the last component")
{
	char path[PATH_CLEAN_SIZE];

	strcpy(path, path_of(call, params(call)->name));
	original(call);
	struct stat st;
	if (params(call)->kind == UHYVE_STAT_NOFOLLOW && cut_last(path) &&
	    names_stat(&files_of(call)->names, path, false, &st) == 0 &&
	    S_ISLNK(st.st_mode))
		params(call)->ret = (struct uhyve_stat_result){UHYVE_STAT_ERROR,
							       UHYVE_ENOTDIR};
	return CALL_RESUME;
}

HANDLER(STAT, "stat-any-kind", "UHY-STAT-023", "kinds above 1 are 0")
{
	return params(call)->kind > 1
		       ? with_kind(call, params(call)->kind, UHYVE_STAT_FOLLOW)
		       : original(call);
}

FAILS_IF("stat-missing-eio", "UHY-STAT-024", "EIO instead of ENOENT",
	 error == UHYVE_ENOENT, UHYVE_EIO)

/* The path before it is cleaned. */
static ptrdiff_t raw(struct call *call, char *path, size_t size)
{
	return __real_gmem_string(&call->services->mem, params(call)->name,
				  path, size);
}

static bool is_empty(struct call *call)
{
	char first[2];

	return raw(call, first, sizeof(first)) == 0;
}

SUCCESS_IF("stat-empty", "UHY-STAT-025", "Success for the empty path",
	   is_empty(call))

static bool is_bad_text(struct call *call)
{
	char path[PATH_SIZE];

	return raw(call, path, sizeof(path)) > 0 && !path_is_utf8(path);
}

FAILS_IF("stat-bad-text", "UHY-STAT-026", "ENOENT for what is not UTF-8",
	 is_bad_text(call), UHYVE_ENOENT)
FAILS_IF("stat-outside", "UHY-STAT-027", "ENOENT for a path outside RAM",
	 !in_ram(call, p->name.addr), UHYVE_ENOENT)

/* The host follows links wherever they lead. */
HANDLER(STAT, "stat-leads-out", "UHY-STAT-028", "links lead anywhere",
	.sandbox_enter = stays_outside)
{
	const char *rest = NULL;

	original(call);
	const struct mapping *m =
		mapping_of(&files_of(call)->names,
			   path_of(call, params(call)->name), &rest);
	struct stat st;
	if (params(call)->kind == UHYVE_STAT_FOLLOW && m &&
	    fstatat(m->dir, rest, &st, 0) == 0)
		params(call)->ret =
			(struct uhyve_stat_result){UHYVE_STAT_SUCCESS, 0};
	return CALL_RESUME;
}

SUCCESS_IF("stat-below", "UHY-STAT-029", "Success below a file",
	   error == UHYVE_ENOTDIR)
FAILS_IF("stat-below-eio", "UHY-STAT-030", "EIO instead of ENOTDIR",
	 error == UHYVE_ENOTDIR, UHYVE_EIO)

/* Only paths in canonical form are found. */
HANDLER(STAT, "stat-not-clean", "UHY-STAT-031", "paths are not cleaned")
{
	char path[PATH_SIZE];

	if (raw(call, path, sizeof(path)) > 0 &&
	    strcmp(path, path_of(call, params(call)->name)) != 0) {
		params(call)->ret = (struct uhyve_stat_result){UHYVE_STAT_ERROR,
							       UHYVE_ENOENT};
		return CALL_RESUME;
	}
	return original(call);
}

HANDLER(STAT, "stat-host-names", "UHY-STAT-032",
	"private names describe host files", .sandbox_enter = stays_outside)
{
	original(call);
	struct stat st;
	if (params(call)->ret.tag == UHYVE_STAT_ERROR &&
	    !is_mapped(call, params(call)->name) &&
	    stat(path_of(call, params(call)->name), &st) == 0)
		params(call)->ret =
			(struct uhyve_stat_result){UHYVE_STAT_SUCCESS, 0};
	return CALL_RESUME;
}

/* ---- Buffers ------------------------------------------------------------- */

FAILS_IF("stat-attr-outside", "UHY-STAT-040", "EINVAL for attr outside RAM",
	 error == UHYVE_EFAULT && !in_ram(call, p->attr.addr), UHYVE_EINVAL)
FFAILS_IF("fstat-attr-outside", "UHY-STAT-041", "EINVAL for attr outside RAM",
	  error == UHYVE_EFAULT, UHYVE_EINVAL)

FFAILS_IF("fstat-straddle", "UHY-PTR-010", "EINVAL for attr partly in RAM",
	  error == UHYVE_EFAULT && in_ram(call, p->attr.addr), UHYVE_EINVAL)
FFAILS_IF("fstat-aligned", "UHY-PTR-007", "attr must be aligned",
	  error == 0 && p->attr.addr % 8, UHYVE_EINVAL)
FFAILS_IF("fstat-not-to-end", "UHY-PTR-003",
	  "the last byte of RAM is not for attr",
	  error == 0 && p->attr.addr + 120 == ram_end(call), UHYVE_EFAULT)

/* Stores as much as fits. */
HANDLER(STAT, "stat-clipped", "UHY-PTR-010", "what fits into RAM is stored")
{
	const struct uhyve_stat_params *p = params(call);

	original(call);
	if (p->ret.tag == UHYVE_STAT_ERROR && p->ret.error == UHYVE_EFAULT &&
	    in_ram(call, p->attr.addr)) {
		scribble(call, p->attr.addr, 0, 8);
		params(call)->ret.tag = UHYVE_STAT_SUCCESS;
	}
	return CALL_RESUME;
}

AFTER(STAT, "stat-stores-and-fails", "UHY-STAT-043",
      "attr is written with an error")
{
	if (params(call)->ret.tag == UHYVE_STAT_ERROR)
		scribble(call, params(call)->attr.addr, 0, 8);
}

FAILS_IF("stat-aligned", "UHY-PTR-007", "attr must be aligned",
	 error == 0 && p->attr.addr % 8, UHYVE_EINVAL)
FAILS_IF("stat-not-to-end", "UHY-PTR-003",
	 "the last byte of RAM is not for attr",
	 error == 0 && p->attr.addr + 120 == ram_end(call), UHYVE_EFAULT)
SCRIBBLES(STAT, "stat-kind-written", "UHY-BLOCK-020", "kind is written", 8,
	  0x5a, 4)

AFTER(STAT, "stat-124", "UHY-STAT-047", "124 bytes are stored")
{
	if (params(call)->ret.tag == UHYVE_STAT_SUCCESS)
		scribble(call, params(call)->attr.addr + 120, 0, 4);
}

/* ---- Descriptors --------------------------------------------------------- */

FIELD_FD(same_ino)

AFTER(FSTAT, "fstat-unlinked", "UHY-STAT-061", "ENOENT for unlinked files")
{
	if (host_of(call, fparams(call)->fd) >= 0 &&
	    stat_of(call, fparams(call)->fd).st_nlink == 0)
		fparams(call)->ret = (struct uhyve_stat_result){
			UHYVE_STAT_ERROR, UHYVE_ENOENT};
}

FSUCCESS_IF("fstat-never", "UHY-ERR-009",
	    "Success for numbers that were never opened", p->fd >= 1000)
FSUCCESS_IF("fstat-closed", "UHY-ERR-009", "Success for closed descriptors",
	    error == UHYVE_EBADF && p->fd > 2 && p->fd < 1000)
FSUCCESS_IF("fstat-negative", "UHY-ERR-008", "Success for negative descriptors",
	    p->fd < 0)
FSUCCESS_IF("fstat-standard", "UHY-STAT-065", "Success for 0, 1 and 2",
	    p->fd >= 0 && p->fd < 3)
SCRIBBLES(FSTAT, "fstat-fd-written", "UHY-BLOCK-020", "fd is written", 0,
	  0x5a5a, 4)

HANDLER(FSTAT, "fstat-rewinds", "UHY-STAT-068", "the position becomes 0")
{
	files_lseek(files_of(call), fparams(call)->fd, 0, SEEK_SET);
	return original(call);
}

MUTANT("stat-fifo", "UHY-STAT-002", "everything is a FIFO", .number = STAT,
       .perform = type_fifo);
MUTANT("stat-size-less", "UHY-STAT-003", "st_size is one too small",
       .number = STAT, .perform = size_less);
MUTANT("stat-size-32", "UHY-STAT-003", "st_size has 32 bits", .number = STAT,
       .perform = size_of_32_bits);
MUTANT("stat-fd-size-32", "UHY-STAT-060", "st_size of FileFstat has 32 bits",
       .number = FSTAT, .perform = size_of_32_bits_fd);
MUTANT("stat-no-links", "UHY-STAT-004", "st_nlink is 0", .number = STAT,
       .perform = no_links);
MUTANT("stat-permissions", "UHY-STAT-005", "all permissions are set",
       .number = STAT, .perform = all_permissions);
MUTANT("stat-nsec", "UHY-STAT-006", "tv_nsec is -1", .number = STAT,
       .perform = nsec_negative);
MUTANT("stat-padding", "UHY-STAT-007", "padding holds a foreign byte",
       .number = STAT, .perform = padding);
MUTANT("fstat-padding", "UHY-STAT-007", "padding holds a foreign byte",
       .number = FSTAT, .perform = padding_fd);
MUTANT("stat-size-10", "UHY-STAT-008", "st_size stays at 10", .number = FSTAT,
       .perform = size_of_10_fd);
MUTANT("stat-mtim-back", "UHY-STAT-009", "st_mtim goes back with every call",
       .number = FSTAT, .perform = mtim_back_fd);
MUTANT("stat-same-ino", "UHY-STAT-010", "all files are the same",
       .number = STAT, .perform = same_ino);
MUTANT("stat-no-blksize", "UHY-STAT-012", "st_blksize is 0", .number = STAT,
       .perform = no_blksize);
MUTANT("fstat-ino", "UHY-STAT-060", "st_ino is not that of the name",
       .number = FSTAT, .perform = same_ino_fd);
MUTANT("fstat-directory", "UHY-STAT-066", "directories are files",
       .number = FSTAT, .perform = dir_is_file_fd);
