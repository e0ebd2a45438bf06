/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "storage.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PREFIX "uhyve-ref-"
#define TEMPLATE "/" PREFIX "XXXXXX"

/* Attempts to make one while a sweep runs, which may take it for a leftover. */
#define TRIES 16

static int open_directory(int at, const char *name)
{
	return openat(at, name,
		      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* ---- Making -------------------------------------------------------------- */

/* True if it is ours from now on: locked, and not just being swept away. */
static bool claim(int dir)
{
	if (flock(dir, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK)
		return false;
	struct stat st;
	return fstat(dir, &st) == 0 && st.st_nlink > 0;
}

static int make_once(char *path)
{
	if (!mkdtemp(path))
		return -errno;
	int dir = open_directory(AT_FDCWD, path);
	if (dir >= 0 && claim(dir))
		return dir;
	int error = dir < 0 && errno != ENOENT ? -errno : -EAGAIN;
	if (dir >= 0)
		close(dir);
	unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
	return error;
}

int storage_make(const char *parent, char **path)
{
	size_t size = strlen(parent) + sizeof(TEMPLATE);
	int dir = -EAGAIN;
	*path = malloc(size);
	if (!*path)
		return -ENOMEM;
	for (int i = 0; dir == -EAGAIN && i < TRIES; i++) {
		snprintf(*path, size, "%s%s", parent, TEMPLATE);
		dir = make_once(*path);
	}
	if (dir < 0) {
		free(*path);
		*path = NULL;
	}
	return dir;
}

/* ---- Removing ------------------------------------------------------------ */

/*
 * A guest's path has at most 4,095 bytes, and so at most 2,047 components. On
 * the way back up ".." must lead to where the way down came from: someone else
 * may have moved the directory in the meantime.
 */
#define DEPTH 2050

struct level {
	dev_t device;
	ino_t inode;
	off_t resume; /* where to read on in it; a hint that may be wrong */
};

struct walk {
	int dir; /* the directory at depth */
	unsigned depth;
	struct level levels[DEPTH];
	/* The name of a directory in it that has entries. */
	char child[256];
	_Alignas(8) char entries[4096];
};

/* A record of getdents64(2). */
struct entry {
	uint64_t inode;
	int64_t next; /* where the entry after it begins */
	uint16_t size;
	uint8_t type;
	char name[];
};

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* 0, -ENOTEMPTY for a directory with entries, or -errno. */
static int remove_entry(int dir, const struct entry *entry)
{
	int flags = entry->type == DT_DIR ? AT_REMOVEDIR : 0;
	if (unlinkat(dir, entry->name, flags) == 0)
		return 0;
	/* The file system does not tell the type of this entry. */
	if (errno == EISDIR && unlinkat(dir, entry->name, AT_REMOVEDIR) == 0)
		return 0;
	if (errno == EEXIST)
		return -ENOTEMPTY;
	return errno == ENOENT ? 0 : -errno;
}

/* Removes entries up to the first directory that has some: 1. 0: all gone. */
static int clear(struct walk *walk)
{
	off_t *resume = &walk->levels[walk->depth].resume;
	off_t at = *resume;
	bool again = at != 0;

	lseek(walk->dir, at, SEEK_SET);
	for (;;) {
		long n = syscall(SYS_getdents64, walk->dir, walk->entries,
				 sizeof(walk->entries));
		if (n < 0)
			return -errno;
		/* Entries may be missed where others vanish: look once more. */
		if (n == 0 && !again)
			return 0;
		if (n == 0) {
			again = false;
			at = lseek(walk->dir, 0, SEEK_SET);
		}
		for (long i = 0; i < n;) {
			const struct entry *entry =
				(const struct entry *)(walk->entries + i);
			int error = is_dots(entry->name)
					    ? -ENOENT
					    : remove_entry(walk->dir, entry);
			if (error == -ENOTEMPTY) {
				*resume = at;
				strcpy(walk->child, entry->name);
				return 1;
			}
			if (error && error != -ENOENT)
				return error;
			again = again || !error;
			at = entry->next;
			i += entry->size;
		}
	}
}

/* Takes the place of the directory that the walk is in. */
static int enter(struct walk *walk, int dir, unsigned depth)
{
	if (dir < 0)
		return -errno;
	close(walk->dir);
	walk->dir = dir;
	struct stat st;
	if (fstat(dir, &st) < 0)
		return -errno;
	struct level *level = &walk->levels[depth];
	if (depth < walk->depth) {
		walk->depth = depth;
		return level->device == st.st_dev && level->inode == st.st_ino
			       ? 0
			       : -ESTALE;
	}
	walk->depth = depth;
	*level = (struct level){st.st_dev, st.st_ino, 0};
	return 0;
}

static int remove_all(struct walk *walk)
{
	for (;;) {
		int found = clear(walk);
		if (found < 0 || (found == 0 && walk->depth == 0))
			return found;
		if (found && walk->depth + 1 == DEPTH)
			return -ENAMETOOLONG;
		int error =
			found ? enter(walk,
				      open_directory(walk->dir, walk->child),
				      walk->depth + 1)
			      : enter(walk, open_directory(walk->dir, ".."),
				      walk->depth - 1);
		if (error)
			return error;
	}
}

int storage_remove(const char *path)
{
	struct walk walk;
	walk.dir = open_directory(AT_FDCWD, path);
	if (walk.dir < 0)
		return errno == ENOENT ? 0 : -errno;
	walk.depth = 0;
	struct stat st;
	int error = fstat(walk.dir, &st) < 0 ? -errno : 0;
	walk.levels[0] = (struct level){st.st_dev, st.st_ino, 0};
	if (!error)
		error = remove_all(&walk);
	close(walk.dir);
	if (!error && unlinkat(AT_FDCWD, path, AT_REMOVEDIR) < 0 &&
	    errno != ENOENT)
		error = -errno;
	return error;
}

/* ---- Leftovers ----------------------------------------------------------- */

/* True if it is this user's, and no run holds it. Gives its locked descriptor. */
static int open_leftover(int parent, const char *name)
{
	if (strncmp(name, PREFIX, strlen(PREFIX)) != 0 ||
	    strlen(name) != sizeof(TEMPLATE) - 2)
		return -1;
	int dir = open_directory(parent, name);
	struct stat st;
	if (dir >= 0 && fstat(dir, &st) == 0 && st.st_uid == geteuid() &&
	    flock(dir, LOCK_EX | LOCK_NB) == 0)
		return dir;
	if (dir >= 0)
		close(dir);
	return -1;
}

int storage_sweep(const char *parent, void (*said)(const char *path, int error))
{
	DIR *all = opendir(parent);
	int failed = 0;
	if (!all)
		return -errno;
	const struct dirent *entry;
	while ((entry = readdir(all))) {
		int dir = open_leftover(dirfd(all), entry->d_name);
		if (dir < 0)
			continue;
		char path[4096];
		snprintf(path, sizeof(path), "%s/%s", parent, entry->d_name);
		int error = storage_remove(path);
		failed += error != 0;
		said(path, error);
		close(dir);
	}
	closedir(all);
	return failed;
}
