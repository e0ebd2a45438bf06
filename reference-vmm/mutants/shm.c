/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The reserved numbers of shared memory. */
#include "file.h"

static bool reserved(const struct call *call)
{
	return call->number == UHYVE_SHARED_MEM_OPEN ||
	       call->number == UHYVE_SHARED_MEM_CLOSE;
}

AT(call_write, "shm-ends", "UHY-SHM-001", "a reserved number ends the machine")
{
	if (!reserved(call))
		return REAL(call_write);
	call->fault = "a reserved number";
	return CALL_FAULT;
}

AT(call_write, "shm-writes", "UHY-SHM-002",
   "a reserved number writes to its block")
{
	if (reserved(call))
		scribble_block(call, 0, 0, 4);
	return REAL(call_write);
}

AT(call_write, "shm-is-close", "UHY-SHM-003", "SharedMemClose is FileClose")
{
	if (call->number == UHYVE_SHARED_MEM_CLOSE &&
	    in_ram(call, call->argument))
		call->number = UHYVE_FILE_CLOSE;
	return REAL(call_write);
}
