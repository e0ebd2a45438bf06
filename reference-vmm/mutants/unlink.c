/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileUnlink. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "file.h"

static struct uhyve_unlink_params *params(struct call *call)
{
	return &call->block.unlink_params;
}

static const struct names *names_of(struct call *call)
{
	return &files_of(call)->names;
}

GIVES(removed_is_eio, unlink_params, 0, -EIO)

static enum call_outcome removes_nothing(struct call *call)
{
	params(call)->ret = 0;
	return CALL_RESUME;
}

/* Only names directly below the mapping are removed. */
static enum call_outcome not_in_directories(struct call *call)
{
	const char *rest = "";

	mapping_of(names_of(call), path_of(call, params(call)->name), &rest);
	return strchr(rest, '/') ? removes_nothing(call) : original(call);
}

GIVES_IF(missing_is_eio, unlink_params, uhyve_unlink_params,
	 p->ret == -ENOENT && is_mapped(call, p->name), -EIO)
GIVES_IF(private_missing_is_0, unlink_params, uhyve_unlink_params,
	 p->ret == -ENOENT && !is_mapped(call, p->name), 0)

static enum call_outcome empties(struct call *call)
{
	int fd = files_open(files_of(call), path_of(call, params(call)->name),
			    UHYVE_O_WRONLY | UHYVE_O_TRUNC, 0);

	files_close(files_of(call), fd);
	return original(call);
}

GIVES(directory_is_einval, unlink_params, -EISDIR, -EINVAL)

static enum call_outcome removes_directories(struct call *call)
{
	const char *rest = NULL;
	const struct mapping *m;

	original(call);
	m = mapping_of(names_of(call), path_of(call, params(call)->name),
		       &rest);
	if (params(call)->ret == -EISDIR && m)
		unlinkat(m->dir, rest, AT_REMOVEDIR);
	return CALL_RESUME;
}

GIVES_IF(mapping_is_0, unlink_params, uhyve_unlink_params,
	 is_mapping(call, p->name), 0)

static bool dropped;

static enum call_outcome drops_the_mapping(struct call *call)
{
	if (is_mapping(call, params(call)->name))
		dropped = true;
	return original(call);
}

static int open_unless_dropped(const struct names *names, const char *path,
			       int flags, mode_t mode)
{
	return dropped && mapping_of(names, path, NULL)
		       ? -ENOENT
		       : __real_names_open(names, path, flags, mode);
}

static enum call_outcome removes_the_parent(struct call *call)
{
	char path[PATH_CLEAN_SIZE];

	original(call);
	strcpy(path, path_of(call, params(call)->name));
	if (params(call)->ret == -ENOTDIR && cut_last(path))
		names_unlink(names_of(call), path);
	return CALL_RESUME;
}

/* Removes the target of a link; gives whether it was one. */
static bool remove_target(struct call *call)
{
	const char *rest = NULL;
	const struct mapping *m = mapping_of(
		names_of(call), path_of(call, params(call)->name), &rest);
	char target[256];
	ssize_t n =
		m ? readlinkat(m->dir, rest, target, sizeof(target) - 1) : -1;

	if (n < 0)
		return false;
	target[n] = '\0';
	unlinkat(m->dir, target, 0);
	return true;
}

static enum call_outcome follows(struct call *call)
{
	return remove_target(call) ? removes_nothing(call) : original(call);
}

static enum call_outcome removes_both(struct call *call)
{
	remove_target(call);
	return original(call);
}

/* ---- Directories that only the guest sees -------------------------------- */

static bool private_directory(struct call *call)
{
	return params(call)->ret == -EISDIR &&
	       !is_mapped(call, params(call)->name);
}

static enum call_outcome private_directory_is_0(struct call *call)
{
	original(call);
	if (private_directory(call))
		params(call)->ret = 0;
	return CALL_RESUME;
}

static enum call_outcome removes_private_directory(struct call *call)
{
	original(call);
	if (private_directory(call))
		unlinkat(names_of(call)->mappings[0].dir,
			 path_of(call, params(call)->name) + 1, AT_REMOVEDIR);
	return CALL_RESUME;
}

/* Gives the directory another name, with all that it holds. */
static enum call_outcome moves_private_directory(struct call *call)
{
	int root = names_of(call)->mappings[0].dir;
	const char *path;
	char other[32];

	original(call);
	if (!private_directory(call))
		return CALL_RESUME;
	path = path_of(call, params(call)->name) + 1;
	snprintf(other, sizeof(other), "moved-%.16s", path);
	renameat(root, path, root, other);
	return CALL_RESUME;
}

/* A private name is a host file beside the first mapping. */
static enum call_outcome beside_the_mapping(struct call *call)
{
	char path[PATH_CLEAN_SIZE + 2] = "..";
	const struct names *names = names_of(call);

	original(call);
	strcat(path, path_of(call, params(call)->name));
	if (params(call)->ret == -ENOENT &&
	    !is_mapped(call, params(call)->name) && names->count > 1 &&
	    unlinkat(names->mappings[1].dir, path, 0) == 0)
		params(call)->ret = 0;
	return CALL_RESUME;
}

GIVES_IF(root_is_0, unlink_params, uhyve_unlink_params,
	 strcmp(path_of(call, p->name), "/") == 0, 0)

static enum call_outcome not_private(struct call *call)
{
	if (is_mapped(call, params(call)->name))
		return original(call);
	original(call);
	if (params(call)->ret == 0)
		params(call)->ret = -EROFS;
	return CALL_RESUME;
}

static char removed[PATH_CLEAN_SIZE];

static enum call_outcome notes(struct call *call)
{
	original(call);
	if (params(call)->ret == 0)
		strcpy(removed, path_of(call, params(call)->name));
	return CALL_RESUME;
}

static int not_again(const struct names *names, const char *path, int flags,
		     mode_t mode)
{
	return (flags & O_CREAT) && strcmp(path, removed) == 0
		       ? -EEXIST
		       : __real_names_open(names, path, flags, mode);
}

SCRIBBLES(name_written, 0, 0x5a, 8)

/* After a file, the first other one of the mapping goes, too. */
static enum call_outcome removes_another(struct call *call)
{
	const struct mapping *m;
	DIR *dir;
	const struct dirent *entry;
	int fd;

	original(call);
	m = mapping_of(names_of(call), path_of(call, params(call)->name), NULL);
	if (params(call)->ret || !m)
		return CALL_RESUME;
	fd = openat(m->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	dir = fd < 0 ? NULL : fdopendir(fd);
	while (dir && (entry = readdir(dir)))
		if (entry->d_type == DT_REG)
			unlinkat(m->dir, entry->d_name, 0);
	if (dir)
		closedir(dir);
	return CALL_RESUME;
}

/* The name stays, for the file without its content. */
static enum call_outcome only_empties(struct call *call)
{
	int fd = files_open(files_of(call), path_of(call, params(call)->name),
			    UHYVE_O_WRONLY | UHYVE_O_TRUNC, 0);

	if (fd < 0)
		return original(call);
	files_close(files_of(call), fd);
	return removes_nothing(call);
}

#define UNLINK UHYVE_FILE_UNLINK
static int single_stays(const struct names *names, const char *path)
{
	const char *rest = "";
	const struct mapping *mapping = mapping_of(names, path, &rest);

	return mapping && mapping->name ? 0 : names_unlink(names, path);
}

/* A mapped file that was removed is still listed. */
static int stays_listed(const struct names *names, const char *path)
{
	const char *rest = "";
	bool single = mapping_of(names, path, &rest) && strcmp(rest, ".") == 0;
	int error = __real_names_unlink(names, path);

	if (!error && single)
		names_list(names, path, true);
	return error;
}

static const struct variant rows[] = {
	{"unlink-stays-listed", "UHY-UNLINK-002",
	 "Getdents still gives a mapped file", .names_unlink = stays_listed},
	{"unlink-single-stays", "UHY-UNLINK-041",
	 "0 for a file that is mapped by itself, which stays",
	 .names_unlink = single_stays},
	{"unlink-eio", "UHY-UNLINK-001", "EIO instead of 0", UNLINK,
	 removed_is_eio},
	{"unlink-nothing", "UHY-UNLINK-002", "0, and the name stays", UNLINK,
	 removes_nothing},
	{"unlink-not-in-directories", "UHY-UNLINK-003",
	 "names in directories stay", UNLINK, not_in_directories},
	{"unlink-missing-eio", "UHY-UNLINK-004", "EIO instead of ENOENT",
	 UNLINK, missing_is_eio},
	{"unlink-private-missing", "UHY-UNLINK-005",
	 "0 for missing private names", UNLINK, private_missing_is_0},
	{"unlink-empties", "UHY-UNLINK-006", "the file is emptied, too", UNLINK,
	 empties},
	{"unlink-directory-einval", "UHY-UNLINK-007",
	 "EINVAL instead of EISDIR", UNLINK, directory_is_einval},
	{"unlink-directory", "UHY-UNLINK-008",
	 "EISDIR, and the directory is gone", UNLINK, removes_directories},
	{"unlink-private-directory-0", "UHY-UNLINK-007",
	 "0 for private directories", UNLINK, private_directory_is_0},
	{"unlink-private-directory", "UHY-UNLINK-008",
	 "EISDIR, and the private directory is gone", UNLINK,
	 removes_private_directory},
	{"unlink-private-content", "UHY-UNLINK-011",
	 "EISDIR, and a private directory has another name", UNLINK,
	 moves_private_directory, .sandbox_enter = stays_outside},
	{"unlink-mapping-0", "UHY-UNLINK-009", "0 for a mapping", UNLINK,
	 mapping_is_0},
	{"unlink-mapping-gone", "UHY-UNLINK-010",
	 "an error, and the mapping is gone", UNLINK, drops_the_mapping,
	 .names_open = open_unless_dropped},
	{"unlink-parent", "UHY-UNLINK-011",
	 "ENOTDIR, and the file that is not a directory is gone", UNLINK,
	 removes_the_parent},
	{"unlink-follows", "UHY-UNLINK-012", "the target of a link is removed",
	 UNLINK, follows, .sandbox_enter = stays_outside},
	{"unlink-both", "UHY-UNLINK-013", "a link is removed with its target",
	 UNLINK, removes_both, .sandbox_enter = stays_outside},
	{"unlink-beside", "UHY-UNLINK-014",
	 "private names are files beside the mapping", UNLINK,
	 beside_the_mapping, .sandbox_enter = stays_outside},
	{"unlink-root-0", "UHY-UNLINK-015", "0 for the root", UNLINK,
	 root_is_0},
	{"unlink-private", "UHY-UNLINK-016", "EROFS for private files", UNLINK,
	 not_private},
	{"unlink-not-again", "UHY-UNLINK-017",
	 "a removed name cannot be created", UNLINK, notes,
	 .names_open = not_again},
	{"unlink-name-written", "UHY-UNLINK-018", "name is written", UNLINK,
	 name_written},
	{"unlink-another", "UHY-UNLINK-019", "other files are removed, too",
	 UNLINK, removes_another},
	{"unlink-only-empties", "UHY-UNLINK-020",
	 "the file is emptied, and its name stays", UNLINK, only_empties},
};
VARIANTS(rows);
