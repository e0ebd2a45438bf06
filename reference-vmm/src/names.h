/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The guest's tree of names. It is made of mappings, each of which puts a
 * directory or a file of the host at a guest path; the longest one that fits
 * decides. The root is a mapping, too: private storage, an empty temporary
 * directory that goes away with the machine, where unmapped names are created.
 *
 * Every name is resolved by the kernel below the directory of its mapping,
 * whatever symbolic links or other processes do (openat2, RESOLVE_BENEATH).
 */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>

#include "path.h"
#include "special.h"

struct mapping {
	char *guest; /* clean path */
	int dir;     /* O_PATH: the directory, or the one that holds the file */
	int file;    /* O_PATH: the file, -1 for a directory or none yet */
	char *name;  /* the file's name in dir, NULL for a directory */
	bool private;         /* missing parents are created */
	enum devices devices; /* in guarded names */
	unsigned
		holder; /* index of the innermost mapping that this one is in */
};

struct names {
	struct mapping *mappings; /* sorted, the root first: see lookup.c */
	unsigned count;
	char *private_path; /* of the host; NULL before it exists */
	struct placeholders *placeholders;
	bool guarded; /* nothing special can be had: names_refuse_special() */
};

/*
 * Mappings are "HOST:GUEST", cut at the last colon. 0, or -errno and one line
 * in message.
 */
int names_init(struct names *names, const char *const *mappings, unsigned count,
	       const char *tempdir, char *message, size_t message_size);

/*
 * Refuses mappings that are special themselves (special.h), with one line in
 * message; from now on a guest gets EACCES for what is special below the others.
 */
int names_refuse_special(struct names *names, char *message,
			 size_t message_size);

/* True if the host can resolve names below a directory: 0 or -errno. */
int names_probe(const struct names *names);

/* Closes everything and removes private storage; 0 or -errno when it stays. */
int names_release(struct names *names);

/* The same without closing: also while calls are stuck, or from a signal handler. */
int names_remove_private(const struct names *names);

/* Where private storage is made when tempdir was requested, or NULL. */
const char *names_tempdir(const char *tempdir);

/*
 * Sorts the mappings, root included, for names_lookup(). Gives one whose guest path
 * another one has as well, NULL when there is none.
 */
const struct mapping *names_sort(struct names *names);

/*
 * The innermost mapping that holds path, and what of the path is below it: "" for
 * the mapping itself.
 */
const struct mapping *names_lookup(const struct names *names, const char *path,
				   const char **rest);

/*
 * Makes the guest paths of the mappings in private storage, so that their parents
 * exist and list them; once, when a call first looks there.
 */
void names_show(const struct names *names);

/*
 * Shows a mapped file in the directory of the tree that holds it, or hides it
 * when it is gone.
 */
void names_list(const struct names *names, const char *path, bool there);

/*
 * The file calls that take a name, clean; 0 or -errno, for names_open a
 * descriptor of the host. flags are open(2)'s, mode permission bits.
 */
int names_open(const struct names *names, const char *path, int flags,
	       mode_t mode);
int names_unlink(const struct names *names, const char *path);
int names_mkdir(const struct names *names, const char *path);
int names_stat(const struct names *names, const char *path, bool follow,
	       struct stat *st);

#endif
