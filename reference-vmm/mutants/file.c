/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Seams that mutants of several areas share. */
#include "file.h"

int32_t private_fd = -1;

enum call_outcome notes_private(const struct call_table *table,
				struct call *call)
{
	enum call_outcome outcome = __real_call_write(table, call);

	if (call->number == UHYVE_FILE_OPEN &&
	    call->block.open_params.ret > 2 &&
	    !is_mapped(call, call->block.open_params.name))
		private_fd = call->block.open_params.ret;
	return outcome;
}

ptrdiff_t unterminated(const struct gmem *mem, struct uhyve_gpa gpa, char *to,
		       size_t size)
{
	ptrdiff_t length = __real_gmem_string(mem, gpa, to, size);
	uint64_t rest = mem->start + mem->size - gpa.addr;

	if (length != -EFAULT || gpa.addr < mem->start || rest >= size)
		return length;
	to[rest] = '\0';
	return (ptrdiff_t)rest;
}
