/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileOpen. */
#include "mutant.h"

static enum call_outcome without(struct call *call, int32_t flags)
{
	call->block.open_params.flags &= ~flags;
	return original(call);
}

static enum call_outcome excl_ignored(struct call *call)
{
	return without(call, UHYVE_O_EXCL);
}

static const struct mutant rows[] = {
	{"open-excl-ignored", "UHY-OPEN-008", "O_EXCL is ignored",
	 UHYVE_FILE_OPEN, excl_ignored},
};
MUTANTS(rows);
