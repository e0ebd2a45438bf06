/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Parameter blocks: their layouts, what is written, where they may lie. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mutant.h"

/* ---- Layouts ---------------------------------------------------------------- */

static enum call_outcome swap_64(struct call *call, unsigned a, unsigned b)
{
	uint64_t left, right;

	memcpy(&left, call->block.bytes + a, 8);
	memcpy(&right, call->block.bytes + b, 8);
	memcpy(call->block.bytes + a, &right, 8);
	memcpy(call->block.bytes + b, &left, 8);
	return original(call);
}

static enum call_outcome swap_32(struct call *call, unsigned a, unsigned b)
{
	uint32_t left, right;

	memcpy(&left, call->block.bytes + a, 4);
	memcpy(&right, call->block.bytes + b, 4);
	memcpy(call->block.bytes + a, &right, 4);
	memcpy(call->block.bytes + b, &left, 4);
	return original(call);
}

HANDLER(LSEEK, "block-big-endian", "UHY-BLOCK-001",
	"a descriptor is big-endian")
{
	int32_t *fd = &call->block.lseek_params.fd;

	*fd = (int32_t)__builtin_bswap32((uint32_t)*fd);
	return original(call);
}

/* Once the guest has said who it is. */
HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "block-serial-write", "UHY-BLOCK-002",
	"len and buf are swapped")
{
	return times() > 1 ? swap_64(call, 0, 8) : original(call);
}

HANDLER(UHYVE_SERIAL_READ_BUFFER, "block-serial-read", "UHY-BLOCK-003",
	"maxlen and buf are swapped")
{
	return swap_64(call, 0, 16);
}

static enum call_outcome fd_in_padding(struct call *call)
{
	memcpy(call->block.bytes + 24, call->block.bytes + 28, 4);
	return original(call);
}

HANDLER(OPEN, "block-open", "UHY-BLOCK-006", "flags and mode are swapped")
{
	return swap_32(call, 8, 12);
}

static enum call_outcome fd_behind(struct call *call)
{
	memcpy(call->block.bytes, call->block.bytes + 4, 4);
	return original(call);
}

HANDLER(LSEEK, "block-lseek", "UHY-BLOCK-008", "whence and fd are swapped")
{
	return swap_32(call, 8, 12);
}

HANDLER(UNLINK, "block-unlink", "UHY-BLOCK-009", "ret is at offset 12")
{
	int32_t before = call->block.unlink_params.ret;
	enum call_outcome outcome = original(call);

	scribble_block(call, 12, (uint32_t)call->block.unlink_params.ret, 4);
	call->block.unlink_params.ret = before;
	return outcome;
}

HANDLER(DENTS, "block-getdents", "UHY-BLOCK-010", "buf and len are swapped")
{
	return swap_64(call, 8, 16);
}

HANDLER(STAT, "block-stat", "UHY-BLOCK-011", "name and attr are swapped")
{
	return swap_64(call, 0, 16);
}

HANDLER(MKDIR, "block-mkdir", "UHY-BLOCK-013", "path and len are swapped")
{
	return swap_64(call, 0, 8);
}

AFTER(STAT, "block-attr", "UHY-BLOCK-014", "st_blksize is at offset 48")
{
	if (call->block.stat_params.ret.tag == UHYVE_STAT_SUCCESS)
		scribble(call, call->block.stat_params.attr.addr + 48, 4096, 8);
}

/* ---- What is written ---------------------------------------------------------- */

AFTER(READ, "block-input-written", "UHY-BLOCK-020", "len is overwritten")
{
	scribble_block(call, 0, (uint64_t)call->block.read_params.ret + 1, 8);
}

AFTER(READ, "block-padding-written", "UHY-BLOCK-021", "padding is overwritten")
{
	scribble_block(call, 28, 0x7f0011ff, 4);
}

AFTER(READ, "block-byte-behind", "UHY-BLOCK-022",
      "the byte after the block is overwritten")
{
	scribble_block(call, sizeof(struct uhyve_read_params), 0x42, 1);
}

HANDLER(READ, "block-answered", "UHY-BLOCK-023", "ret -1 stays")
{
	if (call->block.read_params.ret == -1)
		return CALL_RESUME;
	return original(call);
}

HANDLER(READ, "block-half-result", "UHY-BLOCK-024", "half of ret is written")
{
	uint64_t before = (uint64_t)call->block.read_params.ret;
	enum call_outcome outcome = original(call);
	uint64_t ret = (uint64_t)call->block.read_params.ret;

	call->block.read_params.ret =
		(int64_t)((before & ~UINT64_C(0xffffffff)) | (uint32_t)ret);
	return outcome;
}

AFTER(STAT, "block-stat-tag", "UHY-BLOCK-025",
      "FileStat has the tag of Getdents")
{
	if (call->block.stat_params.ret.tag == UHYVE_STAT_ERROR)
		call->block.stat_params.ret.tag = UHYVE_GETDENTS_ERROR;
}

AFTER(DENTS, "block-getdents-tag", "UHY-BLOCK-026",
      "Getdents has the tag of FileStat")
{
	if (call->block.getdents_params.ret.tag == UHYVE_GETDENTS_ERROR)
		call->block.getdents_params.ret.tag = UHYVE_STAT_ERROR;
}

AFTER(WRITE, "block-buffer-cleared", "UHY-BLOCK-027", "a buffer is cleared")
{
	scribble(call, call->block.write_params.buf.addr, 0, 1);
}

/* ---- Where a block may lie ---------------------------------------------------- */

static enum call_outcome ignored_if_odd(struct call *call)
{
	return call->argument & 7 ? CALL_RESUME : original(call);
}

HANDLER(READ, "block-odd-crash", "UHY-BLOCK-032", "a misaligned block crashes")
{
	if (call->argument & 7)
		abort();
	return original(call);
}

#define RAM_END(mem) ((mem)->start + (mem)->size)
#define CONSOLE_BLOCK 16 /* bytes: the console has to continue */

AT(gmem_load, "block-not-first", "UHY-BLOCK-033",
   "not at the first byte of RAM")
{
	if (gpa.addr == mem->start)
		return -EFAULT;
	return REAL(gmem_load);
}

AT(gmem_load, "block-one-page", "UHY-BLOCK-035", "not across a page")
{
	if (len != CONSOLE_BLOCK &&
	    gpa.addr >> 12 != (gpa.addr + len - 1) >> 12)
		return -EFAULT;
	return REAL(gmem_load);
}

AT(gmem_load, "block-one-large-page", "UHY-BLOCK-036", "not across 2 MiB")
{
	if (gpa.addr >> 21 != (gpa.addr + len - 1) >> 21)
		return -EFAULT;
	return REAL(gmem_load);
}

AT(gmem_load, "block-near", "UHY-BLOCK-037", "not far from the image")
{
	if (gpa.addr - mem->start > 0x2300000 && gpa.addr < RAM_END(mem) - 64)
		return -EFAULT;
	return REAL(gmem_load);
}

/* The end is orderly but for its status. */
AT(call_write, "block-end-0", "UHY-BLOCK-041",
   "the end of RAM ends with status 0")
{
	enum call_outcome outcome = REAL(call_write);

	if (call->row && call->number != UHYVE_EXIT &&
	    call->number != UHYVE_SERIAL_WRITE_BYTE &&
	    call->argument == RAM_END(&call->services->mem)) {
		call->exit_code = 0;
		return CALL_EXIT;
	}
	return outcome;
}

#define CRASHES_IF(name, id, what, condition, ...)                             \
	AT(gmem_load, name, id, what, ##__VA_ARGS__)                           \
	{                                                                      \
		if (condition)                                                 \
			abort();                                               \
		return __real_gmem_load(mem, gpa, to, len);                    \
	}
CRASHES_IF("block-crash-0", "UHY-BLOCK-040", "address 0 crashes", gpa.addr == 0)
CRASHES_IF("block-crash-end", "UHY-BLOCK-041", "the end of RAM crashes",
	   gpa.addr == RAM_END(mem))
CRASHES_IF("block-crash-across", "UHY-BLOCK-042", "across the end crashes",
	   gpa.addr<RAM_END(mem) && gpa.addr + len> RAM_END(mem))
CRASHES_IF("block-crash-below", "UHY-BLOCK-043", "across the start crashes",
	   gpa.addr<mem->start && gpa.addr + len> mem->start)
CRASHES_IF("block-crash-wrap", "UHY-BLOCK-044", "wrapping around crashes",
	   gpa.addr + len < gpa.addr)
CRASHES_IF("block-crash-above", "UHY-BLOCK-045", "high bits crash",
	   gpa.addr >> 52 && gpa.addr + len > gpa.addr)

/* The call is ignored, but not before its result was stored where RAM is. */
AT(call_write, "block-part-written", "UHY-BLOCK-046",
   "the part in RAM is written")
{
	enum call_outcome outcome = REAL(call_write);
	const struct gmem *mem = &call->services->mem;

	if (outcome != CALL_FAULT)
		return outcome;
	scribble(call, RAM_END(mem) - 1, 0xbb, 1);
	scribble(call, mem->start, 0xbb, 1);
	return CALL_RESUME;
}

/* Checks one length, waits a moment, and uses another one. */
HANDLER(WRITE, "block-twice", "UHY-BLOCK-047", "a length is read twice")
{
	static const struct timespec moment = {.tv_nsec = 20000};
	const struct gmem *mem = &call->services->mem;
	struct uhyve_write_params *p = &call->block.write_params, again;

	if (!gmem_valid(mem, p->buf.addr, p->len))
		return original(call);
	nanosleep(&moment, NULL);
	__real_gmem_load(mem, (struct uhyve_gpa){call->argument}, &again,
			 sizeof(again));
	p->ret = (int64_t)again.len;
	return CALL_RESUME;
}

MUTANT("block-write", "UHY-BLOCK-004", "fd is at offset 28", .number = WRITE,
       .perform = fd_in_padding);
MUTANT("block-read", "UHY-BLOCK-005", "fd is at offset 28", .number = READ,
       .perform = fd_in_padding);
MUTANT("block-close", "UHY-BLOCK-007", "fd is at offset 4", .number = CLOSE,
       .perform = fd_behind);
MUTANT("block-fstat", "UHY-BLOCK-012", "fd is at offset 4", .number = FSTAT,
       .perform = fd_behind);
MUTANT("block-packed-odd", "UHY-BLOCK-030", "FileOpen requires alignment",
       .number = OPEN, .perform = ignored_if_odd);
MUTANT("block-odd", "UHY-BLOCK-031", "FileRead requires alignment",
       .number = READ, .perform = ignored_if_odd);
