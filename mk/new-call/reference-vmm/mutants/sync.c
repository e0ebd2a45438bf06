/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileSync. */
#include "file.h"

static enum call_outcome is_eio(struct call *call)
{
	original(call);
	call->block.sync_params.ret = -EIO;
	return CALL_RESUME;
}

static enum call_outcome bad_is_0(struct call *call)
{
	original(call);
	call->block.sync_params.ret = 0;
	return CALL_RESUME;
}

static const struct variant rows[] = {
	{"sync-eio", "UHY-SYNC-001", "EIO instead of 0", UHYVE_FILE_SYNC,
	 is_eio},
	{"sync-bad-is-0", "UHY-ERR-009", "0 for what is not open",
	 UHYVE_FILE_SYNC, bad_is_0},
};
VARIANTS(rows);
