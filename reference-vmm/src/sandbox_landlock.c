/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Landlock: of the host's files those below the mappings and in private
 * storage can be reached, no network, and no other process can be signalled.
 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FILES_1 ((UINT64_C(1) << 13) - 1)
#define FILES_TRUNCATE (UINT64_C(1) << 14)

/*
 * What versions of Landlock after the first can forbid, for headers that are
 * older than the host. The newest comes first: a host that knows one knows all
 * those below it.
 */
static const struct {
	const char *name;
	struct landlock_rights rights;
} extensions[] = {
	{"scopes of signals", {.scopes = 3}},
	{"ioctl on devices", {.files = UINT64_C(1) << 15}},
	{"TCP", {.network = 3}},
	{"truncation", {.files = FILES_TRUNCATE}},
	{"renaming into other directories", {.files = UINT64_C(1) << 13}},
};
#define EXTENSIONS (sizeof(extensions) / sizeof(extensions[0]))

/*
 * What the calls of the interface do to files, and to what is in directories.
 */
#define FILE_RIGHTS                                                            \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |        \
	 FILES_TRUNCATE)
#define DIRECTORY_RIGHTS                                                       \
	(FILE_RIGHTS | LANDLOCK_ACCESS_FS_READ_DIR |                           \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |      \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR)

/* Everything but the newest without extensions. */
static struct landlock_rights rights_without(unsigned without)
{
	struct landlock_rights all = {.files = FILES_1};
	for (unsigned i = without; i < EXTENSIONS; i++) {
		all.files |= extensions[i].rights.files;
		all.network |= extensions[i].rights.network;
		all.scopes |= extensions[i].rights.scopes;
	}
	return all;
}

int sandbox_landlock_ask(int (*create)(const struct landlock_rights *),
			 struct landlock_rights *granted, const char **lacks)
{
	int ruleset = -EINVAL;
	*lacks = NULL;
	/* E2BIG: it knows less of the structure; EINVAL: of a part of it. */
	for (unsigned without = 0;
	     without <= EXTENSIONS && (ruleset == -EINVAL || ruleset == -E2BIG);
	     without++) {
		*granted = rights_without(without);
		if (without)
			*lacks = extensions[without - 1].name;
		ruleset = create(granted);
	}
	return ruleset;
}

static int create_ruleset(const struct landlock_rights *rights)
{
	long ruleset = syscall(SYS_landlock_create_ruleset, rights,
			       sizeof(*rights), 0);
	return ruleset < 0 ? -errno : (int)ruleset;
}

/* Allows rights at and below what the descriptor leads to. 0 or -errno. */
static int allow(int ruleset, const struct landlock_rights *all, int fd,
		 uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights & all->files, .parent_fd = fd};
	return syscall(SYS_landlock_add_rule, ruleset,
		       LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0
		       ? -errno
		       : 0;
}

static int allow_mapping(int ruleset, const struct landlock_rights *all,
			 const struct mapping *mapping)
{
	if (!mapping->name)
		return allow(ruleset, all, mapping->dir, DIRECTORY_RIGHTS);
	/* The guest may create it; what is created cannot be named before. */
	if (mapping->file < 0)
		return allow(ruleset, all, mapping->dir,
			     FILE_RIGHTS | LANDLOCK_ACCESS_FS_MAKE_REG |
				     LANDLOCK_ACCESS_FS_REMOVE_FILE);
	/* FileUnlink may remove a mapped file from its directory. */
	int error = allow(ruleset, all, mapping->dir,
			  LANDLOCK_ACCESS_FS_REMOVE_FILE);
	return error ? error : allow(ruleset, all, mapping->file, FILE_RIGHTS);
}

/* At the end private storage is removed from the directory that holds it. */
static int allow_removal(int ruleset, const struct landlock_rights *all,
			 const char *private_path)
{
	char *parent = private_path ? strdup(private_path) : NULL;
	if (!parent)
		return private_path ? -ENOMEM : 0;
	char *slash = strrchr(parent, '/');
	if (slash)
		slash[slash == parent] = '\0';
	int fd = open(slash ? parent : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int error =
		fd < 0 ? -errno
		       : allow(ruleset, all, fd, LANDLOCK_ACCESS_FS_REMOVE_DIR);
	if (fd >= 0)
		close(fd);
	free(parent);
	return error;
}

int sandbox_landlock(const struct names *names, const char **lacks)
{
	struct landlock_rights all;
	int ruleset = sandbox_landlock_ask(create_ruleset, &all, lacks);
	if (ruleset < 0)
		return ruleset;
	int error = allow_removal(ruleset, &all, names->private_path);
	for (unsigned i = 0; !error && i < names->count; i++)
		error = allow_mapping(ruleset, &all, &names->mappings[i]);
	if (!error && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		error = -errno;
	close(ruleset);
	return error;
}
