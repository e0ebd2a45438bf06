/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileSync. */
#include "file.h"

AFTER(UHYVE_FILE_SYNC, "sync-eio", "UHY-SYNC-001", "EIO instead of 0")
{
	call->block.sync_params.ret = -EIO;
}

AFTER(UHYVE_FILE_SYNC, "sync-bad-is-0", "UHY-ERR-009", "0 for what is not open")
{
	call->block.sync_params.ret = 0;
}
