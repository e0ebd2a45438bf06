/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Getdents, FileStat, FileFstat, Mkdir. */
#include "mutant.h"

static enum call_outcome always_the_end(struct call *call)
{
	call->block.getdents_params.ret.tag = UHYVE_GETDENTS_END;
	return CALL_RESUME;
}

static enum call_outcome always_follows(struct call *call)
{
	if (call->block.stat_params.kind == UHYVE_STAT_NOFOLLOW)
		call->block.stat_params.kind = UHYVE_STAT_FOLLOW;
	return original(call);
}

static enum call_outcome padding_written(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.fstat_params.ret.tag == UHYVE_STAT_SUCCESS)
		scribble(call, call->block.fstat_params.attr.addr + 36,
			 0x5a5a5a5a, 4);
	return outcome;
}

static enum call_outcome exists_is_success(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.mkdir_params.ret.error == UHYVE_EEXIST)
		call->block.mkdir_params.ret.tag = UHYVE_MKDIR_SUCCESS;
	return outcome;
}

static const struct mutant rows[] = {
	{"dents-end", "UHY-DENTS-001", "every directory is empty",
	 UHYVE_GETDENTS, always_the_end},
	{"stat-follows", "UHY-STAT-002", "kind 1 follows links",
	 UHYVE_FILE_STAT, always_follows},
	{"fstat-padding", "UHY-STAT-007", "padding holds foreign bytes",
	 UHYVE_FILE_FSTAT, padding_written},
	{"mkdir-exists", "UHY-MKDIR-002", "success where the name exists",
	 UHYVE_MKDIR, exists_is_success},
};
MUTANTS(rows);
