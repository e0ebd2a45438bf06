/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The reserved numbers of shared memory. */
#include "file.h"

static bool reserved(const struct call *call)
{
	return call->number == UHYVE_SHARED_MEM_OPEN ||
	       call->number == UHYVE_SHARED_MEM_CLOSE;
}

static enum call_outcome ends_the_machine(const struct call_table *table,
					  struct call *call)
{
	if (!reserved(call))
		return __real_call_write(table, call);
	call->fault = "a reserved number";
	return CALL_FAULT;
}

static enum call_outcome writes(const struct call_table *table,
				struct call *call)
{
	if (reserved(call))
		scribble_block(call, 0, 0, 4);
	return __real_call_write(table, call);
}

static enum call_outcome is_close(const struct call_table *table,
				  struct call *call)
{
	if (call->number == UHYVE_SHARED_MEM_CLOSE &&
	    in_ram(call, call->argument))
		call->number = UHYVE_FILE_CLOSE;
	return __real_call_write(table, call);
}

static const struct variant rows[] = {
	{"shm-ends", "UHY-SHM-001", "a reserved number ends the machine",
	 .call_write = ends_the_machine},
	{"shm-writes", "UHY-SHM-002", "a reserved number writes to its block",
	 .call_write = writes},
	{"shm-is-close", "UHY-SHM-003", "SharedMemClose is FileClose",
	 .call_write = is_close},
};
VARIANTS(rows);
