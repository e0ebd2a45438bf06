/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Mkdir. */
#include "file.h"

static struct uhyve_mkdir_params *params(struct call *call)
{
	return &call->block.mkdir_params;
}

static const struct names *names_of(struct call *call)
{
	return &files_of(call)->names;
}

static enum call_outcome result(struct call *call, int error)
{
	params(call)->ret = (struct uhyve_mkdir_result){
		error ? UHYVE_MKDIR_ERROR : UHYVE_MKDIR_SUCCESS, error};
	return CALL_RESUME;
}

/* Defines name: the result is error_ where condition holds, 0 for Success. */
#define RESULT_IF(name, condition, error_)                                     \
	static enum call_outcome name(struct call *call)                       \
	{                                                                      \
		enum call_outcome outcome = original(call);                    \
		const struct uhyve_mkdir_params *p = params(call);             \
		const int32_t error =                                          \
			p->ret.tag == UHYVE_MKDIR_ERROR ? p->ret.error : 0;    \
		(void)error;                                                   \
		return (condition) ? result(call, error_) : outcome;           \
	}

static bool mapped(struct call *call)
{
	return is_mapped(call, params(call)->path);
}

static bool root(struct call *call)
{
	return strcmp(path_of(call, params(call)->path), "/") == 0;
}

static enum call_outcome only_says_so(struct call *call)
{
	return mapped(call) ? result(call, 0) : original(call);
}

RESULT_IF(exists_is_success, error == UHYVE_EEXIST, 0)

static enum call_outcome makes_parents(struct call *call)
{
	char path[PATH_CLEAN_SIZE];

	original(call);
	strcpy(path, path_of(call, params(call)->path));
	if (params(call)->ret.error != UHYVE_ENOENT || !cut_last(path))
		return CALL_RESUME;
	names_mkdir(names_of(call), path);
	return original(call);
}

static enum call_outcome mode_of_700(struct call *call)
{
	const char *rest = NULL;
	const struct mapping *m = mapping_of(
		names_of(call), path_of(call, params(call)->path), &rest);

	if (!m)
		return original(call);
	return result(call, mkdirat(m->dir, rest, 0700) < 0 ? errno : 0);
}

RESULT_IF(len_counts, p->len > 4096, UHYVE_EINVAL)
RESULT_IF(no_private, !mapped(call) && error == 0, UHYVE_EROFS)

/* Files in directories that were made are not created. */
static char made[PATH_CLEAN_SIZE] = "/never made";

static enum call_outcome notes(struct call *call)
{
	original(call);
	if (params(call)->ret.tag == UHYVE_MKDIR_SUCCESS && mapped(call) &&
	    made[1] == 'n')
		strcpy(made, path_of(call, params(call)->path));
	return CALL_RESUME;
}

static int read_only_there(const struct names *names, const char *path,
			   int flags, mode_t mode)
{
	return (flags & O_CREAT) && __real_path_below(path, made)
		       ? -EROFS
		       : __real_names_open(names, path, flags, mode);
}

static enum call_outcome fails_but_makes(struct call *call)
{
	makes_parents(call);
	return params(call)->ret.tag == UHYVE_MKDIR_SUCCESS && mapped(call)
		       ? result(call, UHYVE_ENOENT)
		       : CALL_RESUME;
}

/* Parents that were made for a name that could not be made. */
static enum call_outcome parents_stay(struct call *call)
{
	char path[PATH_CLEAN_SIZE];

	original(call);
	strcpy(path, path_of(call, params(call)->path));
	if (params(call)->ret.tag == UHYVE_MKDIR_ERROR &&
	    params(call)->ret.error == ENAMETOOLONG && cut_last(path))
		names_mkdir(names_of(call), path);
	return CALL_RESUME;
}

static bool is_link(struct call *call)
{
	struct stat st;

	return names_stat(names_of(call), path_of(call, params(call)->path),
			  false, &st) == 0 &&
	       S_ISLNK(st.st_mode);
}

RESULT_IF(link_is_success, is_link(call), 0)
RESULT_IF(below_is_success, error == UHYVE_ENOTDIR, 0)
RESULT_IF(below_is_eio, error == UHYVE_ENOTDIR, UHYVE_EIO)
RESULT_IF(root_is_success, root(call), 0)
RESULT_IF(exists_is_einval, error == UHYVE_EEXIST && !mapped(call),
	  UHYVE_EINVAL)

static bool is_empty(struct call *call)
{
	char first[2];

	return __real_gmem_string(&call->services->mem, params(call)->path,
				  first, sizeof(first)) == 0;
}

RESULT_IF(empty_is_success, is_empty(call), 0)

static int any_bytes(const char *path, char *clean)
{
	int error = __real_path_clean(path, clean);

	return error == -EINVAL ? -ENOENT : error;
}

RESULT_IF(outside_is_enoent, !in_ram(call, p->path.addr), UHYVE_ENOENT)

SCRIBBLES(len_written, 8, 0x5a, 8)

static int dots_are_names(const char *path, char *clean)
{
	int error = __real_path_clean(path, clean);

	if (error == 0 && strcmp(clean, "/") == 0 && strcmp(path, "/") != 0)
		strcpy(clean, "/dots");
	return error;
}

static enum call_outcome not_empty(struct call *call)
{
	char path[PATH_CLEAN_SIZE];

	original(call);
	if (params(call)->ret.tag == UHYVE_MKDIR_SUCCESS) {
		strcpy(path, path_of(call, params(call)->path));
		strcat(path, "/lost+found");
		names_mkdir(names_of(call), path);
	}
	return CALL_RESUME;
}

static enum call_outcome makes_anywhere(struct call *call)
{
	const char *rest = NULL;
	const struct mapping *m = mapping_of(
		names_of(call), path_of(call, params(call)->path), &rest);

	if (!m)
		return original(call);
	return result(call, mkdirat(m->dir, rest, 0777) < 0 ? errno : 0);
}

static enum call_outcome not_clean(struct call *call)
{
	char path[PATH_SIZE];

	if (__real_gmem_string(&call->services->mem, params(call)->path, path,
			       sizeof(path)) > 0 &&
	    strcmp(path, path_of(call, params(call)->path)) != 0)
		return result(call, UHYVE_ENOENT);
	return original(call);
}

#define MKDIR UHYVE_MKDIR
static const struct variant rows[] = {
	{"mkdir-only-says-so", "UHY-MKDIR-001", "Success, and no directory",
	 MKDIR, only_says_so},
	{"mkdir-exists", "UHY-MKDIR-002", "Success where the name exists",
	 MKDIR, exists_is_success},
	{"mkdir-parents", "UHY-MKDIR-003", "missing parents are made", MKDIR,
	 makes_parents},
	{"mkdir-700", "UHY-MKDIR-004", "directories have mode 0700", MKDIR,
	 mode_of_700},
	{"mkdir-len", "UHY-MKDIR-005", "a large len is EINVAL", MKDIR,
	 len_counts},
	{"mkdir-no-private", "UHY-MKDIR-007", "EROFS for private names", MKDIR,
	 no_private},
	{"mkdir-read-only", "UHY-MKDIR-008",
	 "nothing can be created in a new directory", MKDIR, notes,
	 .names_open = read_only_there},
	{"mkdir-fails-but-makes", "UHY-MKDIR-009",
	 "ENOENT after missing parents were made", MKDIR, fails_but_makes},
	{"mkdir-parents-stay", "UHY-MKDIR-009",
	 "ENAMETOOLONG, and the parents are there", MKDIR, parents_stay},
	{"mkdir-link", "UHY-MKDIR-010", "Success for links", MKDIR,
	 link_is_success},
	{"mkdir-below", "UHY-MKDIR-011", "Success below a file", MKDIR,
	 below_is_success},
	{"mkdir-below-eio", "UHY-MKDIR-012", "EIO instead of ENOTDIR", MKDIR,
	 below_is_eio},
	{"mkdir-root", "UHY-MKDIR-013", "Success for the root", MKDIR,
	 root_is_success},
	{"mkdir-private-einval", "UHY-MKDIR-014",
	 "EINVAL for private names that exist", MKDIR, exists_is_einval},
	{"mkdir-empty", "UHY-MKDIR-015", "Success for the empty path", MKDIR,
	 empty_is_success},
	{"mkdir-bad-text", "UHY-MKDIR-016", "ENOENT for what is not UTF-8",
	 .path_clean = any_bytes},
	{"mkdir-outside", "UHY-MKDIR-017", "ENOENT for a path outside RAM",
	 MKDIR, outside_is_enoent},
	{"mkdir-no-nul", "UHY-MKDIR-018", "a path ends where RAM ends",
	 .gmem_string = unterminated},
	{"mkdir-len-written", "UHY-MKDIR-019", "len is written", MKDIR,
	 len_written},
	{"mkdir-dots", "UHY-MKDIR-020", ". and .. become entries",
	 .path_clean = dots_are_names},
	{"mkdir-not-empty", "UHY-MKDIR-021", "a new directory has an entry",
	 MKDIR, not_empty},
	{"mkdir-not-clean", "UHY-MKDIR-023", "paths are not cleaned", MKDIR,
	 not_clean},
	{"mkdir-out", "UHY-MKDIR-022", "directories are made anywhere", MKDIR,
	 makes_anywhere, .sandbox_enter = stays_outside},
};
VARIANTS(rows);
