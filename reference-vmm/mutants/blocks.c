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

static enum call_outcome big_endian(struct call *call)
{
	int32_t *fd = &call->block.lseek_params.fd;

	*fd = (int32_t)__builtin_bswap32((uint32_t)*fd);
	return original(call);
}

/* Once the guest has said who it is. */
static enum call_outcome serial_write_swapped(struct call *call)
{
	return times() > 1 ? swap_64(call, 0, 8) : original(call);
}

static enum call_outcome serial_read_swapped(struct call *call)
{
	return swap_64(call, 0, 16);
}

static enum call_outcome fd_in_padding(struct call *call)
{
	memcpy(call->block.bytes + 24, call->block.bytes + 28, 4);
	return original(call);
}

static enum call_outcome flags_and_mode_swapped(struct call *call)
{
	return swap_32(call, 8, 12);
}

static enum call_outcome fd_behind(struct call *call)
{
	memcpy(call->block.bytes, call->block.bytes + 4, 4);
	return original(call);
}

static enum call_outcome whence_and_fd_swapped(struct call *call)
{
	return swap_32(call, 8, 12);
}

static enum call_outcome ret_behind(struct call *call)
{
	int32_t before = call->block.unlink_params.ret;
	enum call_outcome outcome = original(call);

	scribble_block(call, 12, (uint32_t)call->block.unlink_params.ret, 4);
	call->block.unlink_params.ret = before;
	return outcome;
}

static enum call_outcome getdents_swapped(struct call *call)
{
	return swap_64(call, 8, 16);
}

static enum call_outcome stat_swapped(struct call *call)
{
	return swap_64(call, 0, 16);
}

static enum call_outcome mkdir_swapped(struct call *call)
{
	return swap_64(call, 0, 8);
}

static enum call_outcome size_elsewhere(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.stat_params.ret.tag == UHYVE_STAT_SUCCESS)
		scribble(call, call->block.stat_params.attr.addr + 48, 4096, 8);
	return outcome;
}

/* ---- What is written ---------------------------------------------------------- */

static enum call_outcome len_overwritten(struct call *call)
{
	enum call_outcome outcome = original(call);

	scribble_block(call, 0, (uint64_t)call->block.read_params.ret + 1, 8);
	return outcome;
}

static enum call_outcome padding_overwritten(struct call *call)
{
	enum call_outcome outcome = original(call);

	scribble_block(call, 28, 0x7f0011ff, 4);
	return outcome;
}

static enum call_outcome byte_behind(struct call *call)
{
	enum call_outcome outcome = original(call);

	scribble_block(call, sizeof(struct uhyve_read_params), 0x42, 1);
	return outcome;
}

static enum call_outcome answered_before(struct call *call)
{
	if (call->block.read_params.ret == -1)
		return CALL_RESUME;
	return original(call);
}

static enum call_outcome half_a_result(struct call *call)
{
	uint64_t before = (uint64_t)call->block.read_params.ret;
	enum call_outcome outcome = original(call);
	uint64_t ret = (uint64_t)call->block.read_params.ret;

	call->block.read_params.ret =
		(int64_t)((before & ~UINT64_C(0xffffffff)) | (uint32_t)ret);
	return outcome;
}

static enum call_outcome stat_tag_3(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.stat_params.ret.tag == UHYVE_STAT_ERROR)
		call->block.stat_params.ret.tag = UHYVE_GETDENTS_ERROR;
	return outcome;
}

static enum call_outcome getdents_tag_2(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.getdents_params.ret.tag == UHYVE_GETDENTS_ERROR)
		call->block.getdents_params.ret.tag = UHYVE_STAT_ERROR;
	return outcome;
}

static enum call_outcome buffer_cleared(struct call *call)
{
	enum call_outcome outcome = original(call);

	scribble(call, call->block.write_params.buf.addr, 0, 1);
	return outcome;
}

/* ---- Where a block may lie ---------------------------------------------------- */

static enum call_outcome ignored_if_odd(struct call *call)
{
	return call->argument & 7 ? CALL_RESUME : original(call);
}

static enum call_outcome crash_if_odd(struct call *call)
{
	if (call->argument & 7)
		abort();
	return original(call);
}

#define RAM_END(mem) ((mem)->start + (mem)->size)
#define CONSOLE_BLOCK 16 /* bytes: the console has to continue */

static int not_first(const struct gmem *mem, struct uhyve_gpa gpa, void *to,
		     size_t len)
{
	if (gpa.addr == mem->start)
		return -EFAULT;
	return __real_gmem_load(mem, gpa, to, len);
}

static int one_page(const struct gmem *mem, struct uhyve_gpa gpa, void *to,
		    size_t len)
{
	if (len != CONSOLE_BLOCK &&
	    gpa.addr >> 12 != (gpa.addr + len - 1) >> 12)
		return -EFAULT;
	return __real_gmem_load(mem, gpa, to, len);
}

static int one_large_page(const struct gmem *mem, struct uhyve_gpa gpa,
			  void *to, size_t len)
{
	if (gpa.addr >> 21 != (gpa.addr + len - 1) >> 21)
		return -EFAULT;
	return __real_gmem_load(mem, gpa, to, len);
}

static int near_the_image(const struct gmem *mem, struct uhyve_gpa gpa,
			  void *to, size_t len)
{
	if (gpa.addr - mem->start > 0x2300000 && gpa.addr < RAM_END(mem) - 64)
		return -EFAULT;
	return __real_gmem_load(mem, gpa, to, len);
}

/* The end is orderly but for its status. */
static enum call_outcome ends_with_0(const struct call_table *table,
				     struct call *call)
{
	enum call_outcome outcome = __real_call_write(table, call);

	if (call->row && call->number != UHYVE_EXIT &&
	    call->number != UHYVE_SERIAL_WRITE_BYTE &&
	    call->argument == RAM_END(&call->services->mem)) {
		call->exit_code = 0;
		return CALL_EXIT;
	}
	return outcome;
}

#define CRASHES_IF(name, condition)                                            \
	static int name(const struct gmem *mem, struct uhyve_gpa gpa,          \
			void *to, size_t len)                                  \
	{                                                                      \
		if (condition)                                                 \
			abort();                                               \
		return __real_gmem_load(mem, gpa, to, len);                    \
	}
CRASHES_IF(crash_at_0, gpa.addr == 0)
CRASHES_IF(crash_at_end, gpa.addr == RAM_END(mem))
CRASHES_IF(crash_across_end,
	   gpa.addr<RAM_END(mem) && gpa.addr + len> RAM_END(mem))
CRASHES_IF(crash_across_start,
	   gpa.addr<mem->start && gpa.addr + len> mem->start)
CRASHES_IF(crash_at_wrap, gpa.addr + len < gpa.addr)
CRASHES_IF(crash_above, gpa.addr >> 52 && gpa.addr + len > gpa.addr)

/* The call is ignored, but not before its result was stored where RAM is. */
static enum call_outcome part_written(const struct call_table *table,
				      struct call *call)
{
	enum call_outcome outcome = __real_call_write(table, call);
	const struct gmem *mem = &call->services->mem;

	if (outcome != CALL_FAULT)
		return outcome;
	scribble(call, RAM_END(mem) - 1, 0xbb, 1);
	scribble(call, mem->start, 0xbb, 1);
	return CALL_RESUME;
}

/* Checks one length, waits a moment, and uses another one. */
static enum call_outcome reads_twice(struct call *call)
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

static const struct variant rows[] = {
	{"block-big-endian", "UHY-BLOCK-001", "a descriptor is big-endian",
	 UHYVE_FILE_LSEEK, big_endian},
	{"block-serial-write", "UHY-BLOCK-002", "len and buf are swapped",
	 UHYVE_SERIAL_WRITE_BUFFER, serial_write_swapped},
	{"block-serial-read", "UHY-BLOCK-003", "maxlen and buf are swapped",
	 UHYVE_SERIAL_READ_BUFFER, serial_read_swapped},
	{"block-write", "UHY-BLOCK-004", "fd is at offset 28", UHYVE_FILE_WRITE,
	 fd_in_padding},
	{"block-read", "UHY-BLOCK-005", "fd is at offset 28", UHYVE_FILE_READ,
	 fd_in_padding},
	{"block-open", "UHY-BLOCK-006", "flags and mode are swapped",
	 UHYVE_FILE_OPEN, flags_and_mode_swapped},
	{"block-close", "UHY-BLOCK-007", "fd is at offset 4", UHYVE_FILE_CLOSE,
	 fd_behind},
	{"block-lseek", "UHY-BLOCK-008", "whence and fd are swapped",
	 UHYVE_FILE_LSEEK, whence_and_fd_swapped},
	{"block-unlink", "UHY-BLOCK-009", "ret is at offset 12",
	 UHYVE_FILE_UNLINK, ret_behind},
	{"block-getdents", "UHY-BLOCK-010", "buf and len are swapped",
	 UHYVE_GETDENTS, getdents_swapped},
	{"block-stat", "UHY-BLOCK-011", "name and attr are swapped",
	 UHYVE_FILE_STAT, stat_swapped},
	{"block-fstat", "UHY-BLOCK-012", "fd is at offset 4", UHYVE_FILE_FSTAT,
	 fd_behind},
	{"block-mkdir", "UHY-BLOCK-013", "path and len are swapped",
	 UHYVE_MKDIR, mkdir_swapped},
	{"block-attr", "UHY-BLOCK-014", "st_blksize is at offset 48",
	 UHYVE_FILE_STAT, size_elsewhere},
	{"block-input-written", "UHY-BLOCK-020", "len is overwritten",
	 UHYVE_FILE_READ, len_overwritten},
	{"block-padding-written", "UHY-BLOCK-021", "padding is overwritten",
	 UHYVE_FILE_READ, padding_overwritten},
	{"block-byte-behind", "UHY-BLOCK-022",
	 "the byte after the block is overwritten", UHYVE_FILE_READ,
	 byte_behind},
	{"block-answered", "UHY-BLOCK-023", "ret -1 stays", UHYVE_FILE_READ,
	 answered_before},
	{"block-half-result", "UHY-BLOCK-024", "half of ret is written",
	 UHYVE_FILE_READ, half_a_result},
	{"block-stat-tag", "UHY-BLOCK-025", "FileStat has the tag of Getdents",
	 UHYVE_FILE_STAT, stat_tag_3},
	{"block-getdents-tag", "UHY-BLOCK-026",
	 "Getdents has the tag of FileStat", UHYVE_GETDENTS, getdents_tag_2},
	{"block-buffer-cleared", "UHY-BLOCK-027", "a buffer is cleared",
	 UHYVE_FILE_WRITE, buffer_cleared},
	{"block-packed-odd", "UHY-BLOCK-030", "FileOpen requires alignment",
	 UHYVE_FILE_OPEN, ignored_if_odd},
	{"block-odd", "UHY-BLOCK-031", "FileRead requires alignment",
	 UHYVE_FILE_READ, ignored_if_odd},
	{"block-odd-crash", "UHY-BLOCK-032", "a misaligned block crashes",
	 UHYVE_FILE_READ, crash_if_odd},
	{"block-not-first", "UHY-BLOCK-033", "not at the first byte of RAM",
	 .gmem_load = not_first},
	{"block-one-page", "UHY-BLOCK-035", "not across a page",
	 .gmem_load = one_page},
	{"block-one-large-page", "UHY-BLOCK-036", "not across 2 MiB",
	 .gmem_load = one_large_page},
	{"block-near", "UHY-BLOCK-037", "not far from the image",
	 .gmem_load = near_the_image},
	{"block-crash-0", "UHY-BLOCK-040", "address 0 crashes",
	 .gmem_load = crash_at_0},
	{"block-crash-end", "UHY-BLOCK-041", "the end of RAM crashes",
	 .gmem_load = crash_at_end},
	{"block-end-0", "UHY-BLOCK-041", "the end of RAM ends with status 0",
	 .call_write = ends_with_0},
	{"block-crash-across", "UHY-BLOCK-042", "across the end crashes",
	 .gmem_load = crash_across_end},
	{"block-crash-below", "UHY-BLOCK-043", "across the start crashes",
	 .gmem_load = crash_across_start},
	{"block-crash-wrap", "UHY-BLOCK-044", "wrapping around crashes",
	 .gmem_load = crash_at_wrap},
	{"block-crash-above", "UHY-BLOCK-045", "high bits crash",
	 .gmem_load = crash_above},
	{"block-part-written", "UHY-BLOCK-046", "the part in RAM is written",
	 .call_write = part_written},
	{"block-twice", "UHY-BLOCK-047", "a length is read twice",
	 UHYVE_FILE_WRITE, reads_twice},
};
VARIANTS(rows);
