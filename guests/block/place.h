/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A working call with its block at some address. */
#include "fields.h"

static void sample_call_at(const struct uhyve_call_info *info, uint64_t address)
{
	volatile void *at = (volatile void *)(uintptr_t)address;
	sample(info->number, at);
	call(info->number, at);
	expect_true(call_error(info->number, at) == 0, info->name);
}

/* Blocks made for version 1, without alignment: of 20, 8 and 12 bytes. */
static inline bool is_packed(const struct uhyve_call_info *info)
{
	return info->number == UHYVE_FILE_OPEN ||
	       info->number == UHYVE_FILE_CLOSE ||
	       info->number == UHYVE_FILE_UNLINK;
}
