/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "judge/judge.h"
#include "observe.h"

enum sandbox_mode {
	SANDBOX_OFF,
	SANDBOX_NORMAL, /* every layer that the host has */
	SANDBOX_STRICT  /* every layer, or no start */
};

/* Words of argv or of the environment. */
struct words {
	const char **at;
	unsigned count;
};

struct options {
	const char *image;
	struct words kernel_args, app_args;
	struct words env;      /* "NAME=VALUE" */
	struct words mappings; /* "HOST:GUEST" */
	const char *output;  /* file; NULL: standard output; "none": nowhere */
	const char *tempdir; /* NULL: the default */
	uint64_t memory;     /* bytes */
	unsigned cpus;
	unsigned time_limit; /* seconds; 0: none */
	enum observe_trace trace;
	enum observe_filter filter;
	enum sandbox_mode sandbox;
	enum judge_mode judge;
	const char *judge_file; /* NULL: standard error */
	bool aslr, stats, quiet;
	bool huge_pages;
	bool allow_special;    /* devices, procfs and the like */
	bool remove_leftovers; /* and run nothing */
};

/* Ends the program on --help, --version and whatever it does not understand. */
void options_parse(struct options *options, int argc, char **argv);

#endif
