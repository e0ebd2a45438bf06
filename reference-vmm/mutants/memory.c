/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blocks and buffers: what every call shares. */
#include <errno.h>
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

static int no_last_block(const struct gmem *mem, struct uhyve_gpa gpa, void *to,
			 size_t len)
{
	if (gpa.addr + len == mem->start + mem->size)
		return -EFAULT;
	return __real_gmem_load(mem, gpa, to, len);
}

static const struct mutant rows[] = {
	{"ptr-one-more", "UHY-PTR-010", "a buffer may end one byte behind RAM",
	 .gmem_at = one_byte_more},
	{"ptr-one-less", "UHY-PTR-003", "the last byte of RAM is out of bounds",
	 .gmem_at = one_byte_less},
	{"ptr-empty-checked", "UHY-PTR-008", "an empty range must lie in RAM",
	 .gmem_at = nothing_is_nothing},
	{"block-not-last", "UHY-BLOCK-034",
	 "a block may not end with the last byte of RAM",
	 .gmem_load = no_last_block},
};
MUTANTS(rows);
