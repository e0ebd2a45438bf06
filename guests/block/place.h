/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Tests of where blocks lie, for the calls of one interface version. */
#include "fields.h"

static void sample_call_at(const struct uhyve_call_info *info, uint64_t address)
{
	volatile void *at = (volatile void *)(uintptr_t)address;
	sample(info->number, at);
	call(info->number, at);
	expect_true(call_error(info->number, at) == 0, info->name);
}

/* Of the calls of version 1: 20, 8 and 12 bytes. */
static bool is_packed(const struct uhyve_call_info *info)
{
	return info->number == UHYVE_FILE_OPEN ||
	       info->number == UHYVE_FILE_CLOSE ||
	       info->number == UHYVE_FILE_UNLINK;
}

#define FOR_EACH_CALL(info)                                                    \
	for (unsigned i_ = 0; (info = uhyve_call_at(i_)); i_++)                \
		if (info->since == SINCE && call_reports(info->number))

/* Makes the calls with their blocks at an address: packed blocks, or the others. */
static inline void calls_at(uint64_t address, bool packed)
{
	const struct uhyve_call_info *info;
	FOR_EACH_CALL(info)
	if (is_packed(info) == packed)
		sample_call_at(info, address);
}

/* The same with the last byte of each block right before an address. */
static inline void calls_before(uint64_t end)
{
	const struct uhyve_call_info *info;
	FOR_EACH_CALL(info)
	sample_call_at(info, end - info->block_size);
}

/* The same with a part of each block before an address and the rest behind it. */
static inline void calls_across(uint64_t middle)
{
	const struct uhyve_call_info *info;
	map_ram(middle - 64, 128);
	FOR_EACH_CALL(info)
	sample_call_at(info, middle - (info->block_size > 12 ? 8 : 4));
}
