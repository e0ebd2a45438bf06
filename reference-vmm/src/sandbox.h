/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the program gives up before guest code runs, in one place. A guest that
 * took over the program would find files below the mappings, and no way to
 * start programs, to open sockets or to make memory executable.
 */
#ifndef SANDBOX_H
#define SANDBOX_H

#include "message.h"
#include "names.h"
#include "options.h"

/* The layers; a bit is set in sandbox_enter's result for each that holds. */
enum sandbox_layer {
	SANDBOX_DESCRIPTORS = 1, /* inherited descriptors are closed */
	SANDBOX_PRIVILEGES = 2,  /* no_new_privs */
	SANDBOX_LANDLOCK = 4,    /* files: below the mappings only */
	SANDBOX_SECCOMP = 8, /* system calls: the list in sandbox_seccomp.c */
	SANDBOX_NAMES = 16,  /* names lead nowhere else: openat2(2) */
};

/*
 * To be called first of all: notes which descriptors were inherited, so that
 * they can be told from the program's own, and opens 0 to 2 if need be.
 */
void sandbox_note_inherited(void);

/*
 * Enters the sandbox permanently, with all threads that are started later. Gives
 * the layers that hold. A layer that this host lacks is left out with a
 * warning, with strict it is a failure: -1.
 */
int sandbox_enter(const struct names *names, bool strict, struct why *why);

/* Before it: a request of ioctl(2) that will be needed, at most a few. */
void sandbox_need_ioctl(unsigned long request);

/* The layers, for sandbox.c: 0, or -errno when the host lacks it. */
int sandbox_seccomp(void);
/* lacks: what this host's Landlock cannot forbid, NULL when it can all. */
int sandbox_landlock(const struct names *names, const char **lacks);

/* The rights that Landlock restricts: the newest struct landlock_ruleset_attr. */
struct landlock_rights {
	uint64_t files, network, scopes;
};

/*
 * Finds by trying what create accepts, which gives a descriptor or -errno. The
 * descriptor, or -errno.
 */
int sandbox_landlock_ask(int (*create)(const struct landlock_rights *),
			 struct landlock_rights *granted, const char **lacks);

#endif
