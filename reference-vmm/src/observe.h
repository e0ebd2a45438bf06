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
#include <stdio.h>

#include "hypercall.h"

enum observe_trace { TRACE_NONE, TRACE_TEXT, TRACE_JSON };

struct observed_row {
	const char *name;
	atomic_uint_fast64_t count, nanoseconds;
};

struct observer {
	enum observe_trace trace;
	bool stats;
	FILE *out; /* of the trace */
	/* By the row's place in the table, the last one for unknown numbers. */
	struct observed_row rows[41];
};

/* What is kept of a call while it runs. */
struct observation {
	uint64_t begin;         /* nanoseconds */
	union call_block block; /* as the guest passed it */
};

static inline bool observe_wanted(const struct observer *observer)
{
	return observer->stats || observer->trace != TRACE_NONE;
}

void observe_begin(struct observation *o, const struct call *call);
void observe_end(struct observer *observer, struct observation *o,
		 const struct call *call, enum call_outcome outcome);

/* The table of counts and times. */
void observe_report(const struct observer *observer, FILE *to);

/*
 * Prints number, argument and the decoded block, "FileClose(fd=3)", for
 * messages about a call that could not be performed.
 */
void observe_describe(const struct call *call, FILE *to);

#endif
