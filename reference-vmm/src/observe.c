/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "observe.h"

#include <inttypes.h>

void observe_begin(struct observation *o, const struct call *call)
{
	o->begin = 0;
	o->block = call->block;
}

void observe_end(struct observer *observer, struct observation *o,
		 const struct call *call, enum call_outcome outcome)
{
	(void)observer;
	(void)o;
	(void)call;
	(void)outcome;
}

void observe_report(const struct observer *observer, FILE *to)
{
	(void)observer;
	(void)to;
}

void observe_describe(const struct call *call, FILE *to)
{
	fprintf(to, "%s(%#" PRIx64 ")", call->row ? call->row->name : "?",
		call->argument);
}
