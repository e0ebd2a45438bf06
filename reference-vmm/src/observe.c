/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "observe.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "call.h"
#include "services.h"
#include "trace.h"

#define ROWS                                                                   \
	(sizeof(((struct observer *)0)->rows) / sizeof(struct observed_row))

int observe_init(struct observer *observer, enum observe_trace trace,
		 enum observe_filter filter, bool stats)
{
	observer->trace = trace;
	observer->filter = filter;
	observer->stats = stats;
	observer->wanted = stats || trace != TRACE_NONE;
	if (trace == TRACE_NONE)
		return 0;
	/* A stream of its own, so that each line leaves in one piece. */
	int fd = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
	observer->out = fd < 0 ? NULL : fdopen(fd, "w");
	if (observer->out)
		return 0;
	if (fd >= 0)
		close(fd);
	return -errno;
}

void observe_release(struct observer *observer)
{
	if (observer->out)
		fclose(observer->out);
	observer->out = NULL;
}

void observe_judge(struct observer *observer, struct judge *judge)
{
	observer->judge = judge;
	observer->wanted = true;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

void observe_begin(struct observer *observer, struct observation *o,
		   const struct call *call)
{
	if (o->load == CALL_RESUME)
		o->block = call->block;
	if (observer->trace != TRACE_NONE) {
		const struct services *services = call->services;
		o->site = (struct call_site){0};
		if (services->site)
			services->site(services->walk_context, call->vcpu,
				       &o->site);
		trace_capture(o, call);
	}
	if (observer->judge)
		judge_call_begin(observer->judge, call, o->load == CALL_RESUME);
	o->begin = now();
}

/* The row for name: the first that has it, or that no one has yet. */
static struct observed_row *row_of(struct observer *observer, const char *name)
{
	for (unsigned i = 0; i < ROWS - 1; i++) {
		const char *have = NULL;
		if (atomic_compare_exchange_strong(&observer->rows[i].name,
						   &have, name) ||
		    have == name)
			return &observer->rows[i];
	}
	return &observer->rows[ROWS - 1];
}

static bool is_odd(const struct observation *o, const struct call *call,
		   enum call_outcome outcome)
{
	return outcome == CALL_UNKNOWN || outcome == CALL_FAULT ||
	       o->site.string || (o->site.width && o->site.width != 4) ||
	       (call->row->argument == UHYVE_ARGUMENT_I32 &&
		call->argument > UINT32_MAX) ||
	       (call->row->argument == UHYVE_ARGUMENT_U8 &&
		call->argument > UINT8_MAX);
}

static bool has_failed(const struct call *call, enum call_outcome outcome)
{
	if (outcome != CALL_RESUME)
		return outcome != CALL_EXIT;
	return call->row->argument == UHYVE_ARGUMENT_BLOCK &&
	       trace_failed(call);
}

static bool is_shown(const struct observer *observer,
		     const struct observation *o, const struct call *call,
		     enum call_outcome outcome)
{
	switch (observer->filter) {
	case FILTER_FAILED:
		return has_failed(call, outcome);
	case FILTER_ODD:
		return is_odd(o, call, outcome);
	default:
		return true;
	}
}

void observe_start(const struct observer *observer,
		   const struct services *services)
{
	const struct judge *judge = &services->judge;

	if (observer->trace == TRACE_JSON)
		fprintf(observer->out,
			"{\"ram_start\":%" PRIu64 ",\"ram_end\":%" PRIu64
			",\"load\":%" PRIu64 ",\"interface\":%u}\n",
			services->mem.start,
			services->mem.start + services->mem.size, judge->load,
			judge->interface);
}

void observe_end(struct observer *observer, const struct observation *o,
		 const struct call *call, enum call_outcome outcome)
{
	uint64_t nanoseconds = now() - o->begin;

	if (observer->stats) {
		static const char unknown[] = "(not offered)";
		struct observed_row *row = row_of(
			observer,
			outcome == CALL_UNKNOWN ? unknown : call->row->name);
		atomic_fetch_add(&row->count, 1);
		atomic_fetch_add(&row->nanoseconds, nanoseconds);
	}
	if (observer->judge)
		judge_call_end(observer->judge, call, &o->block, outcome);
	if (observer->trace == TRACE_NONE ||
	    !is_shown(observer, o, call, outcome))
		return;
	flockfile(observer->out);
	if (observer->trace == TRACE_TEXT)
		trace_text(o, call, outcome, nanoseconds, observer->out);
	else
		trace_json(o, call, outcome, nanoseconds, observer->out);
	fflush(observer->out);
	funlockfile(observer->out);
}

static int more_calls_first(const void *a, const void *b)
{
	const struct observed_row *x = *(const struct observed_row *const *)a;
	const struct observed_row *y = *(const struct observed_row *const *)b;

	return (x->count < y->count) - (x->count > y->count);
}

void observe_report(const struct observer *observer, FILE *to)
{
	unsigned count = 0;

	const struct observed_row *rows[ROWS];
	for (unsigned i = 0; i < ROWS; i++)
		if (observer->rows[i].count)
			rows[count++] = &observer->rows[i];
	qsort(rows, count, sizeof(rows[0]), more_calls_first);
	fprintf(to, "%-24s %12s %12s %12s\n", "call", "count", "total us",
		"mean ns");
	for (unsigned i = 0; i < count; i++) {
		uint64_t calls = rows[i]->count, ns = rows[i]->nanoseconds;
		fprintf(to, "%-24s %12" PRIu64 " %12" PRIu64 " %12" PRIu64 "\n",
			rows[i]->name, calls, ns / 1000, ns / calls);
	}
}
