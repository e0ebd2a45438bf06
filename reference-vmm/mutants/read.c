/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileRead. */
#include "mutant.h"

static enum call_outcome clears_the_rest(struct call *call)
{
	struct uhyve_read_params *p = &call->block.read_params;
	enum call_outcome outcome = original(call);

	if (p->ret >= 0 && (uint64_t)p->ret < p->len)
		scribble(call, p->buf.addr + (uint64_t)p->ret, 0, 1);
	return outcome;
}

static const struct mutant rows[] = {
	{"read-clears-rest", "UHY-READ-008",
	 "the byte behind the counted ones is cleared", UHYVE_FILE_READ,
	 clears_the_rest},
};
MUTANTS(rows);
