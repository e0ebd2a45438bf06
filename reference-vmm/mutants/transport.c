/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The transport: which calls are performed, when, and with what. */
#include <string.h>

#include "mutant.h"

#define SPACE(number) ((number) >= 0x1000 && (number) <= 0x1fff)

/* ---- Which are performed -------------------------------------------------- */

HANDLER(WRITE, "call-twice", "UHY-CALL-002", "FileWrite is performed twice")
{
	original(call);
	return original(call);
}

/* Blocks of the file calls only, so that the console continues. */
AT(call_write, "call-32-bits", "UHY-CALL-003",
   "32 bits of the argument are used")
{
	if (call->number >= UHYVE_FILE_WRITE && SPACE(call->number))
		call->argument = (uint32_t)call->argument;
	return REAL(call_write);
}

/* The second of two one-byte writes goes first. */
HANDLER(WRITE, "call-order", "UHY-CALL-008",
	"the second of two writes goes first")
{
	static uint8_t held;
	static bool holding;
	struct uhyve_write_params *p = &call->block.write_params;
	struct files *files = &call->services->files;
	const uint8_t *from = gmem_at(&call->services->mem, p->buf, p->len);

	if (p->len != 1 || !from)
		return original(call);
	if (!holding) {
		held = *from;
		holding = true;
		p->ret = 1;
		return CALL_RESUME;
	}
	holding = false;
	original(call);
	files_write(files, p->fd, &held, 1);
	return CALL_RESUME;
}

AT(call_write, "call-vcpu-0", "UHY-CALL-009",
   "other vCPUs than the first are ignored")
{
	if (call->vcpu && call->number != UHYVE_SERIAL_WRITE_BUFFER)
		return CALL_RESUME;
	return REAL(call_write);
}

/* ---- With what, and when the results are there ------------------------------ */

static enum call_outcome offset_of_before(struct call *call)
{
	static int64_t before;
	int64_t offset = call->block.lseek_params.offset;

	call->block.lseek_params.offset = before;
	before = offset;
	return original(call);
}

/* The result comes with the next call. */
HANDLER(CLOSE, "call-late", "UHY-CALL-031",
	"the result comes with the next call")
{
	static uint64_t at;
	static int32_t ret;
	int32_t unanswered = call->block.close_params.ret;

	if (at)
		scribble(call, at, (uint32_t)ret, 4);
	enum call_outcome outcome = original(call);
	at = call->argument + offsetof(struct uhyve_close_params, ret);
	ret = call->block.close_params.ret;
	call->block.close_params.ret = unanswered;
	return outcome;
}

HANDLER(LSEEK, "call-late-elsewhere", "UHY-CALL-032",
	"the position comes with the next call")
{
	static uint64_t at;
	static int64_t position;
	int64_t offset = call->block.lseek_params.offset;

	if (at)
		scribble(call, at, (uint64_t)position, 8);
	enum call_outcome outcome = original(call);
	at = call->argument;
	position = call->block.lseek_params.offset;
	call->block.lseek_params.offset = offset + 1;
	return outcome;
}

/* ---- Reads ---------------------------------------------------------------- */

AT(call_read, "call-read-ones", "UHY-CALL-041", "a read gives all ones")
{
	enum call_outcome outcome = REAL(call_read);

	if (call->number != UHYVE_SERIAL_READ_BYTE)
		call->read_value = UINT32_MAX;
	return outcome;
}

AT(call_read, "call-read-ends", "UHY-CALL-042", "a read ends the machine")
{
	enum call_outcome outcome = REAL(call_read);

	if (call->number != UHYVE_FILE_LSEEK)
		return outcome;
	call->fault = "a read of the number of a call";
	return CALL_FAULT;
}

/* ---- Numbers that are not offered ------------------------------------------- */

AT(call_write, "call-unknown-writes", "UHY-CALL-050",
   "an unknown number writes")
{
	enum call_outcome outcome = REAL(call_write);

	if (outcome == CALL_UNKNOWN && SPACE(call->number))
		scribble(call, call->argument, 0x5b5b5b5b5b5b5b5b, 8);
	return outcome;
}

AT(call_write, "call-unknown-ends", "UHY-CALL-051",
   "an unknown number ends the machine")
{
	enum call_outcome outcome = REAL(call_write);

	if (outcome != CALL_UNKNOWN || !SPACE(call->number))
		return outcome;
	call->fault = "an unknown number";
	return CALL_FAULT;
}

AT(call_write, "call-argument-first", "UHY-CALL-052",
   "the argument is checked before the number")
{
	if (call->number == UHYVE_EXIT || !(call->argument >> 52))
		return REAL(call_write);
	call->fault = "the argument is not a physical address";
	return CALL_FAULT;
}

AT(call_write, "call-low-bits", "UHY-CALL-053", "16 numbers are one call")
{
	if (SPACE(call->number))
		call->number &= 0xfff0;
	return REAL(call_write);
}

MUTANT("call-missing", "UHY-CALL-001", "FileLseek is not performed",
       .number = LSEEK, .perform = ignored);
MUTANT("call-stale-input", "UHY-CALL-030", "the input is the previous one",
       .number = LSEEK, .perform = offset_of_before);
MUTANT("call-stale-elsewhere", "UHY-CALL-033", "the input is the previous one",
       .number = LSEEK, .perform = offset_of_before);
