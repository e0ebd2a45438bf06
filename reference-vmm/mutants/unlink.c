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

GIVES(UNLINK, "unlink-eio", "UHY-UNLINK-001", "EIO instead of 0", p->ret == 0,
      -EIO)

AT(names_unlink, "unlink-after-deep", "UHY-UNLINK-001",
   "what follows a path of many components is missing")
{
	static bool deep;
	unsigned components = 0;

	if (deep)
		return -ENOENT;
	for (const char *s = path; *s; s++)
		components += *s == '/';
	deep = components >= 5;
	return REAL(names_unlink);
}

static enum call_outcome removes_nothing(struct call *call)
{
	params(call)->ret = 0;
	return CALL_RESUME;
}

/* Only names directly below the mapping are removed. */
HANDLER(UNLINK, "unlink-not-in-directories", "UHY-UNLINK-003",
	"names in directories stay")
{
	const char *rest = "";

	mapping_of(names_of(call), path_of(call, params(call)->name), &rest);
	return strchr(rest, '/') ? removes_nothing(call) : original(call);
}

GIVES(UNLINK, "unlink-missing-eio", "UHY-UNLINK-004", "EIO instead of ENOENT",
      p->ret == -ENOENT && is_mapped(call, p->name), -EIO)
GIVES(UNLINK, "unlink-private-missing", "UHY-UNLINK-005",
      "0 for missing private names",
      p->ret == -ENOENT && !is_mapped(call, p->name), 0)

HANDLER(UNLINK, "unlink-empties", "UHY-UNLINK-006", "the file is emptied, too")
{
	int fd = files_open(files_of(call), path_of(call, params(call)->name),
			    UHYVE_O_WRONLY | UHYVE_O_TRUNC, 0);

	files_close(files_of(call), fd);
	return original(call);
}

GIVES(UNLINK, "unlink-directory-einval", "UHY-UNLINK-007",
      "EINVAL instead of EISDIR", p->ret == -EISDIR, -EINVAL)

HANDLER(UNLINK, "unlink-directory", "UHY-UNLINK-008",
	"EISDIR, and the directory is gone")
{
	const char *rest = NULL;

	original(call);
	const struct mapping *m = mapping_of(
		names_of(call), path_of(call, params(call)->name), &rest);
	if (params(call)->ret == -EISDIR && m)
		unlinkat(m->dir, rest, AT_REMOVEDIR);
	return CALL_RESUME;
}

GIVES(UNLINK, "unlink-mapping-0", "UHY-UNLINK-009", "0 for a mapping",
      is_mapping(call, p->name), 0)

static bool dropped;

REPLACES(names_open, open_unless_dropped)
{
	return dropped && mapping_of(names, path, NULL) ? -ENOENT
							: REAL(names_open);
}

HANDLER(UNLINK, "unlink-mapping-gone", "UHY-UNLINK-010",
	"an error, and the mapping is gone", .names_open = open_unless_dropped)
{
	if (is_mapping(call, params(call)->name))
		dropped = true;
	return original(call);
}

HANDLER(UNLINK, "unlink-parent", "UHY-UNLINK-011",
	"ENOTDIR, and the file that is not a directory is gone")
{
	original(call);
	char path[PATH_CLEAN_SIZE];
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

HANDLER(UNLINK, "unlink-follows", "UHY-UNLINK-012",
	"the target of a link is removed", .sandbox_enter = stays_outside)
{
	return remove_target(call) ? removes_nothing(call) : original(call);
}

HANDLER(UNLINK, "unlink-both", "UHY-UNLINK-013",
	"a link is removed with its target", .sandbox_enter = stays_outside)
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

GIVES(UNLINK, "unlink-private-directory-0", "UHY-UNLINK-007",
      "0 for private directories", private_directory(call), 0)

AFTER(UNLINK, "unlink-private-directory", "UHY-UNLINK-008",
      "EISDIR, and the private directory is gone")
{
	if (private_directory(call))
		unlinkat(names_of(call)->mappings[0].dir,
			 path_of(call, params(call)->name) + 1, AT_REMOVEDIR);
}

/* Gives the directory another name, with all that it holds. */
HANDLER(UNLINK, "unlink-private-content", "UHY-UNLINK-011",
	"EISDIR, and a private directory has another name",
	.sandbox_enter = stays_outside)
{
	int root = names_of(call)->mappings[0].dir;

	original(call);
	if (!private_directory(call))
		return CALL_RESUME;
	const char *path = path_of(call, params(call)->name) + 1;
	char other[32];
	snprintf(other, sizeof(other), "moved-%.16s", path);
	renameat(root, path, root, other);
	return CALL_RESUME;
}

/* A private name is a host file beside the first mapping. */
HANDLER(UNLINK, "unlink-beside", "UHY-UNLINK-014",
	"private names are files beside the mapping",
	.sandbox_enter = stays_outside)
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

GIVES(UNLINK, "unlink-root-0", "UHY-UNLINK-015", "0 for the root",
      strcmp(path_of(call, p->name), "/") == 0, 0)

HANDLER(UNLINK, "unlink-private", "UHY-UNLINK-016", "EROFS for private files")
{
	if (is_mapped(call, params(call)->name))
		return original(call);
	original(call);
	if (params(call)->ret == 0)
		params(call)->ret = -EROFS;
	return CALL_RESUME;
}

static char removed[PATH_CLEAN_SIZE];

REPLACES(names_open, not_again)
{
	return (flags & O_CREAT) && strcmp(path, removed) == 0
		       ? -EEXIST
		       : REAL(names_open);
}

AFTER(UNLINK, "unlink-not-again", "UHY-UNLINK-017",
      "a removed name cannot be created", .names_open = not_again)
{
	if (params(call)->ret == 0)
		strcpy(removed, path_of(call, params(call)->name));
}

SCRIBBLES(UNLINK, "unlink-name-written", "UHY-BLOCK-020", "name is written", 0,
	  0x5a, 8)

/* After a file, the first other one of the mapping goes, too. */
HANDLER(UNLINK, "unlink-another", "UHY-UNLINK-019",
	"other files are removed, too")
{
	original(call);
	const struct mapping *m = mapping_of(
		names_of(call), path_of(call, params(call)->name), NULL);
	if (params(call)->ret || !m)
		return CALL_RESUME;
	int fd = openat(m->dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	while (dir && (entry = readdir(dir)))
		if (entry->d_type == DT_REG)
			unlinkat(m->dir, entry->d_name, 0);
	if (dir)
		closedir(dir);
	return CALL_RESUME;
}

/* The name stays, for the file without its content. */
HANDLER(UNLINK, "unlink-only-empties", "UHY-UNLINK-020",
	"the file is emptied, and its name stays")
{
	int fd = files_open(files_of(call), path_of(call, params(call)->name),
			    UHYVE_O_WRONLY | UHYVE_O_TRUNC, 0);

	if (fd < 0)
		return original(call);
	files_close(files_of(call), fd);
	return removes_nothing(call);
}

AT(names_unlink, "unlink-single-stays", "UHY-UNLINK-041",
   "0 for a file that is mapped by itself, which stays")
{
	const char *rest = "";
	const struct mapping *mapping = mapping_of(names, path, &rest);

	return mapping && mapping->name ? 0 : names_unlink(names, path);
}

/* A mapped file that was removed is still listed. */
AT(names_unlink, "unlink-stays-listed", "UHY-UNLINK-002",
   "Getdents still gives a mapped file")
{
	const char *rest = "";
	bool single = mapping_of(names, path, &rest) && strcmp(rest, ".") == 0;
	int error = REAL(names_unlink);

	if (!error && single)
		names_list(names, path, true);
	return error;
}

/* A FileOpen that finds a mapped file missing lists it all the same. */
AT(names_open, "unlink-listed-again", "UHY-UNLINK-002",
   "FileOpen of a removed mapped file lists it")
{
	const char *rest = "";
	int fd = REAL(names_open);

	if (fd == -ENOENT && mapping_of(names, path, &rest) &&
	    strcmp(rest, ".") == 0)
		names_list(names, path, true);
	return fd;
}

/* What the root lists is put together when something is opened. */
static bool put_together;

REPLACES(names_open, open_noted)
{
	put_together = true;
	return REAL(names_open);
}

AT(names_unlink, "unlink-listed-later", "UHY-UNLINK-002",
   "a mapped file that was removed first is listed", .names_open = open_noted)
{
	const char *rest = "";
	int error = REAL(names_unlink);

	if (!error && !put_together && mapping_of(names, path, &rest) &&
	    strcmp(rest, ".") == 0)
		names_list(names, path, true);
	return error;
}

MUTANT("unlink-nothing", "UHY-UNLINK-002", "0, and the name stays",
       .number = UNLINK, .perform = removes_nothing);
