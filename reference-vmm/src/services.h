/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a machine offers its guest through the hypercalls, made from plain
 * values: the VMM, unit tests and fuzzers create it in the same way.
 */
#ifndef SERVICES_H
#define SERVICES_H

#include <stdint.h>
#include <stdio.h>

#include "console.h"
#include "files.h"
#include "gmem.h"
#include "judge/judge.h"
#include "observe.h"
#include "stop.h"

/*
 * Translates a guest-virtual address of that vCPU as it is now. 0, or -EFAULT.
 * Only version 1 needs it; its page holds at least up to the next 4 KiB
 * boundary.
 */
typedef int guest_walk(void *context, unsigned vcpu, uint64_t gva,
		       struct uhyve_gpa *gpa);

/* The vCPU's position when it last left the guest. */
typedef void guest_site(void *context, unsigned vcpu, struct call_site *site);

/* Everything points to memory that outlives the services. */
struct services_config {
	struct gmem mem;
	const char *output;          /* file; NULL: stdout; "none": nowhere */
	const char *const *mappings; /* mapping_count times "HOST:GUEST" */
	unsigned mapping_count;
	bool allow_special;  /* names_refuse_special() is left out */
	const char *tempdir; /* parent of private storage; NULL: $TMPDIR */
	enum observe_trace trace;
	enum observe_filter filter;
	bool stats;
	/* Version 1: the image's path, then its arguments; "K=V" each. */
	const char *const *argv, *const *envp;
	unsigned argc, envc;
	guest_walk *walk;
	guest_site *site;
	void *walk_context; /* of both */
	enum judge_mode judge;
	const char *judge_file; /* NULL: standard error */
};

struct services {
	struct gmem mem;
	struct stop stop;
	struct console console;
	struct files files;
	struct observer observer;
	struct judge judge;
	const char *const *argv, *const *envp;
	unsigned argc, envc;
	guest_walk *walk;
	guest_site *site;
	void *walk_context;
};

/*
 * Opens what the configuration names; before the sandbox closes. 0, or -errno
 * with one line that says what is wrong and why in message. Descriptors 0 to 2
 * must be open; SIGPIPE and SIGXFSZ are ignored from now on.
 *
 * Afterwards calls need these system calls: read, write, lseek, close, openat2,
 * fstat, newfstatat, unlinkat, mkdirat, getdents64, fcntl, ppoll/poll, futex,
 * clock_gettime; and the paths that files_host_path() lists.
 */
#define SERVICES_MESSAGE 512
int services_init(struct services *services,
		  const struct services_config *config,
		  char message[SERVICES_MESSAGE]);

/*
 * Makes blocked calls of all vCPUs return, now and from now on. Any thread.
 * A write to a console that no one empties returns when a signal arrives.
 */
void services_stop(struct services *services);

/* Prints the statistics if they were asked for. */
void services_report(const struct services *services, FILE *to);

/*
 * After the last call: closes everything and removes private storage. 0, or
 * -errno when some of that stays.
 */
int services_release(struct services *services);

#endif
