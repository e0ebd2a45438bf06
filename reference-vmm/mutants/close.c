/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileClose. */
#include "mutant.h"

static enum call_outcome keeps_open(struct call *call)
{
	call->block.close_params.ret = 0;
	return CALL_RESUME;
}

static const struct mutant rows[] = {
	{"close-keeps-open", "UHY-CLOSE-002",
	 "FileClose gives 0 and does nothing", UHYVE_FILE_CLOSE, keeps_open},
};
MUTANTS(rows);
