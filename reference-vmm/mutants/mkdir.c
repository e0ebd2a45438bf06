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
#define MKDIR_FAILS(name, id, what, condition, error_, ...)                    \
	HANDLER(MKDIR, name, id, what, ##__VA_ARGS__)                          \
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

HANDLER(MKDIR, "mkdir-only-says-so", "UHY-MKDIR-001",
	"Success, and no directory")
{
	return mapped(call) ? result(call, 0) : original(call);
}

MKDIR_FAILS("mkdir-exists", "UHY-MKDIR-002", "Success where the name exists",
	    error == UHYVE_EEXIST, 0)

static enum call_outcome makes_parents(struct call *call)
{
	original(call);
	char path[PATH_CLEAN_SIZE];
	strcpy(path, path_of(call, params(call)->path));
	if (params(call)->ret.error != UHYVE_ENOENT || !cut_last(path))
		return CALL_RESUME;
	names_mkdir(names_of(call), path);
	return original(call);
}

HANDLER(MKDIR, "mkdir-700", "UHY-MKDIR-004", "directories have mode 0700")
{
	const char *rest = NULL;
	const struct mapping *m = mapping_of(
		names_of(call), path_of(call, params(call)->path), &rest);

	if (!m)
		return original(call);
	return result(call, mkdirat(m->dir, rest, 0700) < 0 ? errno : 0);
}

MKDIR_FAILS("mkdir-len", "UHY-MKDIR-005", "a large len is EINVAL",
	    p->len > 4096, UHYVE_EINVAL)
MKDIR_FAILS("mkdir-no-private", "UHY-MKDIR-007", "EROFS for private names",
	    !mapped(call) && error == 0, UHYVE_EROFS)

/* Files in directories that were made are not created. */
static char made[PATH_CLEAN_SIZE] = "/never made";

REPLACES(names_open, read_only_there)
{
	return (flags & O_CREAT) && __real_path_below(path, made)
		       ? -EROFS
		       : REAL(names_open);
}

AFTER(MKDIR, "mkdir-read-only", "UHY-MKDIR-008",
      "nothing can be created in a new directory",
      .names_open = read_only_there)
{
	if (params(call)->ret.tag == UHYVE_MKDIR_SUCCESS && mapped(call) &&
	    made[1] == 'n')
		strcpy(made, path_of(call, params(call)->path));
}

HANDLER(MKDIR, "mkdir-fails-but-makes", "UHY-MKDIR-009",
	"ENOENT after missing parents were made")
{
	makes_parents(call);
	return params(call)->ret.tag == UHYVE_MKDIR_SUCCESS && mapped(call)
		       ? result(call, UHYVE_ENOENT)
		       : CALL_RESUME;
}

/* With the parents that were made in vain, empty ones go that were there before. */
AT(names_mkdir, "mkdir-parents-gone", "UHY-MKDIR-009",
   "ENAMETOOLONG, and empty parents are gone")
{
	int error = REAL(names_mkdir);

	char parent[PATH_CLEAN_SIZE];
	strcpy(parent, path);
	while (error == -ENAMETOOLONG && cut_last(parent))
		unlinkat(names->mappings[0].dir, parent + 1, AT_REMOVEDIR);
	return error;
}

/* Parents that were made for a name that could not be made. */
HANDLER(MKDIR, "mkdir-parents-stay", "UHY-MKDIR-009",
	"ENAMETOOLONG, and the parents are there")
{
	original(call);
	char path[PATH_CLEAN_SIZE];
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

MKDIR_FAILS("mkdir-link", "UHY-MKDIR-010", "Success for links", is_link(call),
	    0)
MKDIR_FAILS("mkdir-below", "UHY-MKDIR-011", "Success below a file",
	    error == UHYVE_ENOTDIR, 0)
MKDIR_FAILS("mkdir-below-eio", "UHY-MKDIR-012", "EIO instead of ENOTDIR",
	    error == UHYVE_ENOTDIR, UHYVE_EIO)
MKDIR_FAILS("mkdir-root", "UHY-MKDIR-013", "Success for the root", root(call),
	    0)
MKDIR_FAILS("mkdir-private-einval", "UHY-MKDIR-014",
	    "EINVAL for private names that exist",
	    error == UHYVE_EEXIST && !mapped(call), UHYVE_EINVAL)

static bool is_empty(struct call *call)
{
	char first[2];

	return __real_gmem_string(&call->services->mem, params(call)->path,
				  first, sizeof(first)) == 0;
}

MKDIR_FAILS("mkdir-empty", "UHY-MKDIR-015", "Success for the empty path",
	    is_empty(call), 0)

AT(path_clean, "mkdir-bad-text", "UHY-MKDIR-016",
   "ENOENT for what is not UTF-8")
{
	int error = REAL(path_clean);

	return error == -EINVAL ? -ENOENT : error;
}

MKDIR_FAILS("mkdir-outside", "UHY-MKDIR-017", "ENOENT for a path outside RAM",
	    !in_ram(call, p->path.addr), UHYVE_ENOENT)

SCRIBBLES(MKDIR, "mkdir-len-written", "UHY-BLOCK-020", "len is written", 8,
	  0x5a, 8)

AT(path_clean, "mkdir-dots", "UHY-MKDIR-020", ". and .. become entries")
{
	int error = REAL(path_clean);

	if (error == 0 && strcmp(clean, "/") == 0 && strcmp(path, "/") != 0)
		strcpy(clean, "/dots");
	return error;
}

HANDLER(MKDIR, "mkdir-not-empty", "UHY-MKDIR-021",
	"a new directory has an entry")
{
	original(call);
	char path[PATH_CLEAN_SIZE];
	if (params(call)->ret.tag == UHYVE_MKDIR_SUCCESS) {
		strcpy(path, path_of(call, params(call)->path));
		strcat(path, "/lost+found");
		names_mkdir(names_of(call), path);
	}
	return CALL_RESUME;
}

HANDLER(MKDIR, "mkdir-out", "UHY-MKDIR-022", "directories are made anywhere",
	.sandbox_enter = stays_outside)
{
	const char *rest = NULL;
	const struct mapping *m = mapping_of(
		names_of(call), path_of(call, params(call)->path), &rest);

	if (!m)
		return original(call);
	return result(call, mkdirat(m->dir, rest, 0777) < 0 ? errno : 0);
}

HANDLER(MKDIR, "mkdir-not-clean", "UHY-MKDIR-023", "paths are not cleaned")
{
	char path[PATH_SIZE];

	if (__real_gmem_string(&call->services->mem, params(call)->path, path,
			       sizeof(path)) > 0 &&
	    strcmp(path, path_of(call, params(call)->path)) != 0)
		return result(call, UHYVE_ENOENT);
	return original(call);
}

MUTANT("mkdir-parents", "UHY-MKDIR-003", "missing parents are made",
       .number = MKDIR, .perform = makes_parents);
MUTANT("mkdir-no-nul", "UHY-MKDIR-018", "a path ends where RAM ends",
       .gmem_string = unterminated);
