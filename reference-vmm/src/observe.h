/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Watching calls: one line for each (--trace) and counts and times (--stats).
 * Both read the description of the calls in calls.def; handlers know nothing of
 * them.
 */
#ifndef OBSERVE_H
#define OBSERVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>
#include <stdio.h>

#include "hypercall.h"
#include "path.h"

struct judge;
struct services;

enum observe_trace { TRACE_NONE, TRACE_TEXT, TRACE_JSON };

/* The calls that are traced. */
enum observe_filter {
	FILTER_ALL,
	FILTER_FAILED, /* those that report an error, fault or are ignored */
	FILTER_ODD     /* those that fault, are ignored or of an odd form */
};

/* Calls of one number, or of all numbers that are not offered. */
struct observed_row {
	_Atomic(const char *) name; /* null: never called */
	atomic_uint_fast64_t count, nanoseconds;
};

struct observer {
	enum observe_trace trace;
	enum observe_filter filter;
	bool stats, wanted; /* wanted: any of all this */
	struct judge *judge;
	FILE *out; /* of the trace; a line is one write */
	/* The table's rows by number, in no order; the last: not offered. */
	struct observed_row rows[CALL_ROWS_MAX + 1];
};

/* The record of a call while it runs. */
struct observation {
	uint64_t begin;         /* nanoseconds */
	enum call_outcome load; /* CALL_RESUME: call->block is the guest's */
	union call_block block; /* as the guest passed it */
	struct call_site site;
	ptrdiff_t name_length; /* or -EFAULT, -ENAMETOOLONG */
	char name[PATH_SIZE];  /* copied before other vCPUs can change it */
};

/* Opens the trace, on standard error. 0 or -errno. */
int observe_init(struct observer *observer, enum observe_trace trace,
		 enum observe_filter filter, bool stats);
void observe_release(struct observer *observer);

/* The judge looks at every call, too. */
void observe_judge(struct observer *observer, struct judge *judge);

/* The first line of a trace for programs: where RAM and image are. */
void observe_start(const struct observer *observer,
		   const struct services *services);

/* Around the handler; o->load is set by the caller. */
void observe_begin(struct observer *observer, struct observation *o,
		   const struct call *call);
void observe_end(struct observer *observer, const struct observation *o,
		 const struct call *call, enum call_outcome outcome);

/* The table of counts and times, the most frequent call first. */
void observe_report(const struct observer *observer, FILE *to);

/*
 * Prints the name and the decoded inputs, "FileClose(fd=3)", for messages about
 * a call; the argument alone where the block is not in RAM.
 */
void observe_describe(const struct call *call, FILE *to);

/* trace_json.c: copies the name that the block points to, if it does. */
void trace_capture(struct observation *o, const struct call *call);

/* trace.c: one call as a line. */
void trace_text(const struct observation *o, const struct call *call,
		enum call_outcome outcome, uint64_t nanoseconds, FILE *to);
void trace_json(const struct observation *o, const struct call *call,
		enum call_outcome outcome, uint64_t nanoseconds, FILE *to);

#endif
