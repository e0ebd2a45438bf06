/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blocks and buffers: what every call shares. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "mutant.h"

/* The rule with a wrong end: the range may go one byte beyond RAM. */
AT(gmem_at, "ptr-one-more", "UHY-PTR-010",
   "a buffer may end one byte beyond RAM")
{
	if (len > 1 && gpa.addr + len == mem->start + mem->size + 1)
		len--;
	return REAL(gmem_at);
}

AT(gmem_at, "ptr-one-less", "UHY-PTR-003",
   "the last byte of RAM is out of bounds")
{
	return __real_gmem_at(mem, gpa, len ? len + 1 : 0);
}

AT(gmem_at, "ptr-empty-checked", "UHY-PTR-008",
   "an empty range must lie in RAM")
{
	return __real_gmem_at(mem, gpa, len ? len : 1);
}

#define RAM_END(mem) ((mem)->start + (mem)->size)

AT(gmem_at, "ptr-not-far", "UHY-PTR-001", "not far from the image")
{
	if (gpa.addr - mem->start > 0x2080000 && gpa.addr < RAM_END(mem) - 64)
		return NULL;
	return REAL(gmem_at);
}

AT(gmem_at, "ptr-not-first", "UHY-PTR-002", "not at the first byte of RAM")
{
	/* The hypervisor puts more than that there before the start. */
	if (gpa.addr == mem->start && len <= 16)
		return NULL;
	return REAL(gmem_at);
}

AT(gmem_at, "ptr-not-whole", "UHY-PTR-004", "not all of RAM")
{
	return len == mem->size ? NULL : REAL(gmem_at);
}

/* A range that a rule should refuse is taken for the first bytes of RAM. */
#define TAKEN_IF(name, id, what, condition, ...)                               \
	AT(gmem_at, name, id, what, ##__VA_ARGS__)                             \
	{                                                                      \
		if (len && len < 4096 && (condition))                          \
			return mem->host + 0x6000;                             \
		return __real_gmem_at(mem, gpa, len);                          \
	}
TAKEN_IF("ptr-across-start", "UHY-PTR-011", "a buffer may begin below RAM",
	 gpa.addr<mem->start && gpa.addr + len> mem->start)
TAKEN_IF("ptr-null", "UHY-PTR-012", "address 0 is RAM", gpa.addr == 0)
TAKEN_IF("ptr-end", "UHY-PTR-013", "the end of RAM is RAM",
	 gpa.addr == RAM_END(mem))
TAKEN_IF("ptr-wraps", "UHY-PTR-014", "a buffer may wrap around",
	 gpa.addr + len < gpa.addr)
TAKEN_IF("ptr-high-bits", "UHY-PTR-015", "high bits are cut off",
	 gpa.addr >> 52 && gpa.addr + len > gpa.addr)

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

HANDLER(READ, "ptr-one-page", "UHY-PTR-005", "a read ends with the page")
{
	return read_up_to(call, 4096);
}

HANDLER(READ, "ptr-one-large-page", "UHY-PTR-006", "a read ends with the 2 MiB")
{
	return read_up_to(call, 2 << 20);
}

HANDLER(READ, "ptr-aligned", "UHY-PTR-007", "a buffer has to be aligned")
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

HANDLER(READ, "ptr-clamped", "UHY-PTR-016", "an excessive length is cut")
{
	struct uhyve_read_params *p = &call->block.read_params;

	if (leaves_ram(call, p->buf, p->len) &&
	    p->len > call->services->mem.size)
		p->len = 1;
	return original(call);
}

/* A call fails, and the first byte of its buffer is written. */
#define STORES(number_, block_, buf, len, name)                                \
	HANDLER(number_, name, "UHY-PTR-017", "the part in RAM is written to") \
	{                                                                      \
		enum call_outcome outcome = original(call);                    \
		if (leaves_ram(call, call->block.block_.buf, len))             \
			scribble(call, call->block.block_.buf.addr, 'x', 1);   \
		return outcome;                                                \
	}
STORES(READ, read_params, buf, call->block.read_params.len, "ptr-part-read")
STORES(DENTS, getdents_params, buf, call->block.getdents_params.len,
       "ptr-part-listed")
STORES(STAT, stat_params, attr, sizeof(struct uhyve_file_attr), "ptr-part-stat")
STORES(FSTAT, fstat_params, attr, sizeof(struct uhyve_file_attr),
       "ptr-part-fstat")

/* A call fails, and the position moves. */
#define MOVES(number_, block_, buf, len, name)                                 \
	HANDLER(number_, name, "UHY-PTR-019", "the position moves")            \
	{                                                                      \
		if (leaves_ram(call, call->block.block_.buf, len))             \
			files_lseek(&call->services->files,                    \
				    call->block.block_.fd, 1, UHYVE_SEEK_CUR); \
		return original(call);                                         \
	}
MOVES(READ, read_params, buf, call->block.read_params.len, "ptr-read-moves")
MOVES(WRITE, write_params, buf, call->block.write_params.len, "ptr-write-moves")
MOVES(FSTAT, fstat_params, attr, sizeof(struct uhyve_file_attr),
      "ptr-fstat-moves")

HANDLER(WRITE, "ptr-part-written", "UHY-PTR-018", "the part in RAM is written")
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

HANDLER(READ, "ptr-overlap", "UHY-PTR-020", "a buffer at the block crashes")
{
	const struct uhyve_read_params *p = &call->block.read_params;

	if (p->buf.addr < call->argument + sizeof(*p) &&
	    call->argument < p->buf.addr + p->len)
		abort();
	return original(call);
}

AT(gmem_load, "block-not-last", "UHY-BLOCK-034",
   "a block may not end with the last byte of RAM")
{
	if (gpa.addr + len == mem->start + mem->size)
		return -EFAULT;
	return REAL(gmem_load);
}
