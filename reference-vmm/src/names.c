/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* File calls by name: a mapping is looked up, then the kernel does the rest. */
#include "names.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The place of a guest's path on the host: name below dir. */
struct place {
	int dir;
	const char *name; /* "." for the directory itself */
	uint64_t resolve; /* openat2's RESOLVE_* */
	bool private;
	bool single;          /* a mapped file, not a directory */
	enum devices devices; /* what FileOpen has to look for */
};

/* Attempts to use parents that another vCPU's call removes at the same time. */
#define PARENT_TRIES 16

static int find(const struct names *names, const char *path,
		struct place *place)
{
	const char *rest;
	const struct mapping *found = names_lookup(names, path, &rest);

	if (found->private)
		names_show(names);
	*place = (struct place){
		.dir = found->dir,
		.name = *rest ? rest : ".",
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS,
		.private = found->private,
	};
	if (names->guarded && !found->private) {
		place->resolve |= RESOLVE_NO_XDEV;
		place->devices = found->devices;
	}
	if (!found->name)
		return 0;
	/* The neighbours of a mapped file are not mapped: no links to them. */
	place->name = found->name;
	place->resolve |= RESOLVE_NO_SYMLINKS;
	place->single = true;
	return *rest ? -ENOTDIR : 0; /* UHY-PATH-046 */
}

/* openat2(2), again where that helps. The descriptor or -errno. */
static int open_again(int dir, const char *name, const struct open_how *how)
{
	for (int tries = 0;; tries++) {
		long fd = syscall(SYS_openat2, dir, name, how, sizeof(*how));
		if (fd >= 0)
			return (int)fd;
		/* EAGAIN: someone renamed a directory in the meantime. */
		if (errno != EINTR && (errno != EAGAIN || tries == 100))
			return -errno;
	}
}

static bool is_special(int fd)
{
	struct stat st;

	return fstat(fd, &st) < 0 || special_file(st.st_mode);
}

/* A descriptor that may be used, or -EACCES; closed then. */
static int unless(bool refused, int fd)
{
	if (!refused)
		return fd;
	close(fd);
	return -EACCES;
}

/*
 * Across a mount below the mapping, where it is not an interface of the kernel. That is
 * found out without opening anything, because opening a device can act already; and
 * what was opened is looked at again, for names can change.
 */
static int open_across(int dir, const char *name, const struct open_how *wanted)
{
	bool look_only = wanted->flags & O_PATH;
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC |
			 (wanted->flags & (O_NOFOLLOW | O_DIRECTORY)),
		.resolve = wanted->resolve & ~(uint64_t)RESOLVE_NO_XDEV,
	};
	int fd = open_again(dir, name, &how);

	if (fd >= 0)
		fd = unless(special_filesystem(fd) ||
				    (!look_only && is_special(fd)),
			    fd);
	if (look_only || fd == -EACCES)
		return fd;
	if (fd >= 0)
		close(fd);
	how.flags = wanted->flags;
	how.mode = wanted->mode;
	fd = open_again(dir, name, &how);
	return fd < 0 ? fd
		      : unless(special_filesystem(fd) || is_special(fd), fd);
}

/* openat2(2) below dir. The descriptor or -errno. */
static int open_beneath(int dir, const char *name, int flags, mode_t mode,
			uint64_t resolve)
{
	struct open_how how = {
		.flags = (unsigned)(flags | O_CLOEXEC),
		.mode = mode,
		.resolve = resolve,
	};
	int fd = open_again(dir, name, &how);

	if (fd == -EXDEV && (resolve & RESOLVE_NO_XDEV))
		fd = open_across(dir, name, &how);
	/* A link that leads out of the tree: UHY-PATH-056 to -059. */
	return fd == -EXDEV ? -EPERM : fd;
}

/*
 * A file that is not a device. Where one is likely, that is found out without opening it
 * first, as in open_across(). A directory and a file that the call makes are none.
 */
static int open_ordinary(const struct place *place, int flags, mode_t mode)
{
	const int fresh = O_CREAT | O_EXCL;
	bool safe = (flags & O_DIRECTORY) || (flags & fresh) == fresh;
	int fd;

	if (!safe && place->devices == DEVICES_LIKELY) {
		fd = open_beneath(place->dir, place->name, O_PATH, 0,
				  place->resolve);
		if (fd >= 0)
			fd = unless(is_special(fd), fd);
		if (fd == -EACCES)
			return fd;
		if (fd >= 0)
			close(fd);
	}
	fd = open_beneath(place->dir, place->name, flags, mode, place->resolve);
	if (fd < 0 || safe || place->devices == DEVICES_NEVER)
		return fd;
	return unless(is_special(fd), fd);
}

/*
 * Opens the directory that holds place, and moves place->name to its last
 * component. The descriptor, for the caller to close, or -errno.
 */
static int open_parent(struct place *place)
{
	char parent[PATH_CLEAN_SIZE];

	memcpy(parent, place->name, strlen(place->name) + 1);
	char *slash = strrchr(parent, '/');
	if (slash) {
		place->name += slash + 1 - parent;
		*slash = '\0';
	}
	return open_beneath(place->dir, slash ? parent : ".",
			    O_PATH | O_DIRECTORY, 0, place->resolve);
}

/*
 * Private storage invents the parents of a new name. Gives how many it made,
 * for remove_parents() when they were made in vain.
 */
static unsigned make_parents(const struct place *place)
{
	unsigned made = 0;

	char path[PATH_CLEAN_SIZE];
	memcpy(path, place->name, strlen(place->name) + 1);
	for (char *s = strchr(path, '/'); s; s = strchr(s + 1, '/')) {
		*s = '\0';
		if (mkdirat(place->dir, path, 0777) == 0)
			made++;
		*s = '/';
	}
	return made;
}

static void remove_parents(const struct place *place, unsigned made)
{
	char path[PATH_CLEAN_SIZE];

	memcpy(path, place->name, strlen(place->name) + 1);
	char *slash;
	for (; made > 0 && (slash = strrchr(path, '/')); made--) {
		*slash = '\0';
		unlinkat(place->dir, path, AT_REMOVEDIR);
	}
}

/* Opens a new private name with its parents, or leaves nothing behind. */
static int open_with_parents(const struct place *place, int flags, mode_t mode)
{
	int fd = -ENOENT;

	for (int i = 0; fd == -ENOENT && i < PARENT_TRIES; i++) {
		unsigned made = make_parents(place);
		fd = open_beneath(place->dir, place->name, flags, mode,
				  place->resolve);
		if (fd < 0)
			remove_parents(place, made);
	}
	return fd;
}

int names_open(const struct names *names, const char *path, int flags,
	       mode_t mode)
{
	struct place place;
	int fd = find(names, path, &place);

	if (fd < 0)
		return fd;
	/* O_NONBLOCK: never wait for the other end of a pipe. */
	flags |= O_NOCTTY | O_NONBLOCK;
	fd = open_ordinary(&place, flags, mode);
	if (fd == -ENOENT && (flags & O_CREAT) && place.private)
		fd = open_with_parents(&place, flags, mode);
	if (fd >= 0 && (flags & O_CREAT) && place.single)
		names_list(names, path, true);
	return fd;
}

int names_probe(const struct names *names)
{
	int fd = open_beneath(names->mappings[0].dir, ".", O_PATH, 0,
			      RESOLVE_BENEATH);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? fd : 0;
}

int names_unlink(const struct names *names, const char *path)
{
	struct place place;
	int error = find(names, path, &place);

	if (error)
		return error;
	/* UHY-UNLINK-009, -015: a mapping itself, or the root. */
	if (strcmp(place.name, ".") == 0)
		return -EISDIR;
	int dir = open_parent(&place);
	if (dir < 0)
		return dir;
	error = unlinkat(dir, place.name, 0) < 0 ? -errno : 0;
	close(dir);
	if (!error && place.single)
		names_list(names, path, false);
	return error;
}

static int mkdir_at(struct place place)
{
	int dir = open_parent(&place);

	if (dir < 0)
		return dir;
	int error = mkdirat(dir, place.name, 0777) < 0 ? -errno : 0;
	close(dir);
	return error;
}

int names_mkdir(const struct names *names, const char *path)
{
	struct place place;
	int error = find(names, path, &place);

	if (error)
		return error;
	error = mkdir_at(place);
	for (int i = 0; error == -ENOENT && place.private && i < PARENT_TRIES;
	     i++) {
		unsigned made = make_parents(&place);
		error = mkdir_at(place);
		if (error)
			remove_parents(&place, made);
	}
	return error;
}

int names_stat(const struct names *names, const char *path, bool follow,
	       struct stat *st)
{
	struct place place;
	int error = find(names, path, &place);

	if (error)
		return error;
	int fd = open_beneath(place.dir, place.name,
			      O_PATH | (follow ? 0 : O_NOFOLLOW), 0,
			      place.resolve);
	if (fd < 0)
		return fd;
	error = fstat(fd, st) < 0 ? -errno : 0;
	close(fd);
	return error;
}
