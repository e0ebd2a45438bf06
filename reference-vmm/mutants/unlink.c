/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileUnlink. */
#include "mutant.h"

static enum call_outcome removes_nothing(struct call *call)
{
	call->block.unlink_params.ret = 0;
	return CALL_RESUME;
}

static const struct mutant rows[] = {
	{"unlink-nothing", "UHY-UNLINK-001", "0, and the name stays",
	 UHYVE_FILE_UNLINK, removes_nothing},
};
MUTANTS(rows);
