/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Landlock: of the host's files those beneath the mappings and in private
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

/*
 * The newest form of struct landlock_ruleset_attr, and rights by the version of
 * Landlock that brought them, for headers that are older than the host.
 */
struct ruleset {
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
};
#define FILES_1 ((UINT64_C(1) << 13) - 1)
#define FILES_2_REFER (UINT64_C(1) << 13)
#define FILES_3_TRUNCATE (UINT64_C(1) << 14)
#define FILES_5_IOCTL_DEVICE (UINT64_C(1) << 15)
#define NETWORK_4_TCP UINT64_C(3)
#define SCOPES_6 UINT64_C(3)

/*
 * What the calls of the interface do to files, and to what is in directories.
 */
#define FILE_RIGHTS                                                            \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE |        \
	 FILES_3_TRUNCATE)
#define DIRECTORY_RIGHTS                                                       \
	(FILE_RIGHTS | LANDLOCK_ACCESS_FS_READ_DIR |                           \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR |      \
	 LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_DIR)

/* Everything that this host's Landlock can forbid; gives the size to pass. */
static size_t everything(long version, struct ruleset *all)
{
	*all = (struct ruleset){.files = FILES_1};
	if (version >= 2)
		all->files |= FILES_2_REFER;
	if (version >= 3)
		all->files |= FILES_3_TRUNCATE;
	if (version >= 4)
		all->network = NETWORK_4_TCP;
	if (version >= 5)
		all->files |= FILES_5_IOCTL_DEVICE;
	if (version >= 6)
		all->scopes = SCOPES_6;
	return version >= 6   ? sizeof(*all)
	       : version >= 4 ? 2 * sizeof(uint64_t)
			      : sizeof(uint64_t);
}

/* Allows rights at and beneath what the descriptor leads to. 0 or -errno. */
static int allow(int ruleset, const struct ruleset *all, int fd,
		 uint64_t rights)
{
	struct landlock_path_beneath_attr rule = {
		.allowed_access = rights & all->files, .parent_fd = fd};
	return syscall(SYS_landlock_add_rule, ruleset,
		       LANDLOCK_RULE_PATH_BENEATH, &rule, 0) < 0
		       ? -errno
		       : 0;
}

static int allow_mapping(int ruleset, const struct ruleset *all,
			 const struct mapping *mapping)
{
	if (!mapping->name)
		return allow(ruleset, all, mapping->dir, DIRECTORY_RIGHTS);
	/* FileUnlink may remove a mapped file from its directory. */
	int error = allow(ruleset, all, mapping->dir,
			  LANDLOCK_ACCESS_FS_REMOVE_FILE);
	return error ? error : allow(ruleset, all, mapping->file, FILE_RIGHTS);
}

/* At the end private storage is removed from the directory that holds it. */
static int allow_removal(int ruleset, const struct ruleset *all,
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

int sandbox_landlock(const struct names *names)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
			       LANDLOCK_CREATE_RULESET_VERSION);
	if (version < 0)
		return -errno;
	struct ruleset all;
	size_t size = everything(version, &all);
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
	if (ruleset < 0)
		return -errno;
	int error = allow_removal(ruleset, &all, names->private_path);
	for (unsigned i = 0; !error && i < names->count; i++)
		error = allow_mapping(ruleset, &all, &names->mappings[i]);
	if (!error && syscall(SYS_landlock_restrict_self, ruleset, 0) < 0)
		error = -errno;
	close(ruleset);
	return error;
}
