/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blocks and buffers: what every call shares. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mutant.h"

/* The rule with a wrong end: the range may go one byte beyond RAM. */
static void *one_byte_more(const struct gmem *mem, struct uhyve_gpa gpa,
			   uint64_t len)
{
	if (len > 1 && gpa.addr + len == mem->start + mem->size + 1)
		len--;
	return __real_gmem_at(mem, gpa, len);
}

static void *one_byte_less(const struct gmem *mem, struct uhyve_gpa gpa,
			   uint64_t len)
{
	return __real_gmem_at(mem, gpa, len ? len + 1 : 0);
}

static void *nothing_is_nothing(const struct gmem *mem, struct uhyve_gpa gpa,
				uint64_t len)
{
	return __real_gmem_at(mem, gpa, len ? len : 1);
}

#define RAM_END(mem) ((mem)->start + (mem)->size)

static void *not_far(const struct gmem *mem, struct uhyve_gpa gpa, uint64_t len)
{
	if (gpa.addr - mem->start > 0x2080000 && gpa.addr < RAM_END(mem) - 64)
		return NULL;
	return __real_gmem_at(mem, gpa, len);
}

static void *not_first(const struct gmem *mem, struct uhyve_gpa gpa,
		       uint64_t len)
{
	/* The hypervisor puts more than that there before the start. */
	if (gpa.addr == mem->start && len <= 16)
		return NULL;
	return __real_gmem_at(mem, gpa, len);
}

static void *not_whole(const struct gmem *mem, struct uhyve_gpa gpa,
		       uint64_t len)
{
	return len == mem->size ? NULL : __real_gmem_at(mem, gpa, len);
}

/* A range that a rule should refuse is taken for the first bytes of RAM. */
#define TAKEN_IF(name, condition)                                              \
	static void *name(const struct gmem *mem, struct uhyve_gpa gpa,        \
			  uint64_t len)                                        \
	{                                                                      \
		if (len && len < 4096 && (condition))                          \
			return mem->host + 0x6000;                             \
		return __real_gmem_at(mem, gpa, len);                          \
	}
TAKEN_IF(across_start, gpa.addr<mem->start && gpa.addr + len> mem->start)
TAKEN_IF(at_0, gpa.addr == 0)
TAKEN_IF(at_end, gpa.addr == RAM_END(mem))
TAKEN_IF(wrapping, gpa.addr + len < gpa.addr)
TAKEN_IF(high_bits, gpa.addr >> 52 && gpa.addr + len > gpa.addr)

/* ---- FileRead and FileWrite ---------------------------------------------- */

/* A read ends at the next multiple of size. */
static enum call_outcome read_up_to(struct call *call, uint64_t size)
{
	struct uhyve_read_params *p = &call->block.read_params;
	uint64_t rest = size - p->buf.addr % size;

	if (p->len > rest)
		p->len = rest;
	return original(call);
}

static enum call_outcome read_one_page(struct call *call)
{
	return read_up_to(call, 4096);
}

static enum call_outcome read_one_large_page(struct call *call)
{
	return read_up_to(call, 2 << 20);
}

static enum call_outcome read_aligned(struct call *call)
{
	if (call->block.read_params.buf.addr & 1) {
		call->block.read_params.ret = -EINVAL;
		return CALL_RESUME;
	}
	return original(call);
}

/* True if a buffer begins in RAM and ends beyond it. */
static bool leaves_ram(const struct call *call, const struct uhyve_gpa buf,
		       uint64_t len)
{
	const struct gmem *mem = &call->services->mem;

	return gmem_valid(mem, buf.addr, 1) && !gmem_valid(mem, buf.addr, len);
}

static enum call_outcome read_clamped(struct call *call)
{
	struct uhyve_read_params *p = &call->block.read_params;

	if (leaves_ram(call, p->buf, p->len) &&
	    p->len > call->services->mem.size)
		p->len = 1;
	return original(call);
}

static enum call_outcome read_part(struct call *call)
{
	struct uhyve_read_params *p = &call->block.read_params;

	if (leaves_ram(call, p->buf, p->len))
		scribble(call, p->buf.addr, 'x', 1);
	return original(call);
}

static enum call_outcome read_moves(struct call *call)
{
	struct uhyve_read_params *p = &call->block.read_params;

	if (leaves_ram(call, p->buf, p->len))
		files_lseek(&call->services->files, p->fd, 1, UHYVE_SEEK_CUR);
	return original(call);
}

static enum call_outcome write_part(struct call *call)
{
	struct uhyve_write_params *p = &call->block.write_params;

	if (leaves_ram(call, p->buf, p->len)) {
		p->len = 1;
		original(call);
		p->ret = -EFAULT;
		return CALL_RESUME;
	}
	return original(call);
}

static enum call_outcome overlap_crashes(struct call *call)
{
	const struct uhyve_read_params *p = &call->block.read_params;

	if (p->buf.addr < call->argument + sizeof(*p) &&
	    call->argument < p->buf.addr + p->len)
		abort();
	return original(call);
}

static int no_last_block(const struct gmem *mem, struct uhyve_gpa gpa, void *to,
			 size_t len)
{
	if (gpa.addr + len == mem->start + mem->size)
		return -EFAULT;
	return __real_gmem_load(mem, gpa, to, len);
}

static const struct variant rows[] = {
	{"ptr-one-more", "UHY-PTR-010", "a buffer may end one byte beyond RAM",
	 .gmem_at = one_byte_more},
	{"ptr-one-less", "UHY-PTR-003", "the last byte of RAM is out of bounds",
	 .gmem_at = one_byte_less},
	{"ptr-empty-checked", "UHY-PTR-008", "an empty range must lie in RAM",
	 .gmem_at = nothing_is_nothing},
	{"ptr-not-far", "UHY-PTR-001", "not far from the image",
	 .gmem_at = not_far},
	{"ptr-not-first", "UHY-PTR-002", "not at the first byte of RAM",
	 .gmem_at = not_first},
	{"ptr-not-whole", "UHY-PTR-004", "not all of RAM",
	 .gmem_at = not_whole},
	{"ptr-one-page", "UHY-PTR-005", "a read ends with the page",
	 UHYVE_FILE_READ, read_one_page},
	{"ptr-one-large-page", "UHY-PTR-006", "a read ends with the 2 MiB",
	 UHYVE_FILE_READ, read_one_large_page},
	{"ptr-aligned", "UHY-PTR-007", "a buffer has to be aligned",
	 UHYVE_FILE_READ, read_aligned},
	{"ptr-across-start", "UHY-PTR-011", "a buffer may begin below RAM",
	 .gmem_at = across_start},
	{"ptr-null", "UHY-PTR-012", "address 0 is RAM", .gmem_at = at_0},
	{"ptr-end", "UHY-PTR-013", "the end of RAM is RAM", .gmem_at = at_end},
	{"ptr-wraps", "UHY-PTR-014", "a buffer may wrap around",
	 .gmem_at = wrapping},
	{"ptr-high-bits", "UHY-PTR-015", "high bits are cut off",
	 .gmem_at = high_bits},
	{"ptr-clamped", "UHY-PTR-016", "an excessive length is cut",
	 UHYVE_FILE_READ, read_clamped},
	{"ptr-part-read", "UHY-PTR-017", "the part in RAM is filled",
	 UHYVE_FILE_READ, read_part},
	{"ptr-part-written", "UHY-PTR-018", "the part in RAM is written",
	 UHYVE_FILE_WRITE, write_part},
	{"ptr-moves", "UHY-PTR-019", "the position moves", UHYVE_FILE_READ,
	 read_moves},
	{"ptr-overlap", "UHY-PTR-020", "a buffer at the block crashes",
	 UHYVE_FILE_READ, overlap_crashes},
	{"block-not-last", "UHY-BLOCK-034",
	 "a block may not end with the last byte of RAM",
	 .gmem_load = no_last_block},
};
VARIANTS(rows);
