/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileWrite. */
#include "mutant.h"

static enum call_outcome half(struct call *call)
{
	struct uhyve_write_params *p = &call->block.write_params;

	p->len -= p->fd > 2 ? p->len / 2 : 0;
	return original(call);
}

static const struct mutant rows[] = {
	{"write-half", "UHY-WRITE-002", "only the first half is written",
	 UHYVE_FILE_WRITE, half},
};
MUTANTS(rows);
