/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "where a block may lie",
	matrix = [{ over = "versions", cells = [
		{ name = "end-of-ram", requirement = "UHY-BLOCK-034" },
		{ name = "across-4-KiB", requirement = "UHY-BLOCK-035" },
		{ name = "across-2-MiB", requirement = "UHY-BLOCK-036" },
		{ name = "far", requirement = "UHY-BLOCK-037" }
	] }],
	files = { "data/in" = "0123456789abcdef" }
)

#define CELLS 4u

/* Each call with the last byte of its block right before the end of RAM. */
static void calls_at_end(unsigned version)
{
	ram_tail(64);
	const struct uhyve_call_info *info;
	FOR_EACH_CALL_OF(version, info)
		sample_call(info,
			    (void *)(uintptr_t)(ram_end() - info->block_size));
}

/* Each with a part of its block before an address and the rest after it. */
static void calls_across(unsigned version, uint64_t middle)
{
	map_ram(middle - 64, 128);
	const struct uhyve_call_info *info;
	FOR_EACH_CALL_OF(version, info)
		sample_call(
			info,
			(void *)(uintptr_t)(middle -
					    (info->block_size > 12 ? 8 : 4)));
}

void guest_main(void)
{
	uint64_t high = ram_start() + 0x2000000;
	unsigned version = 2 + guest_variant() / CELLS;
	samples_open();
	switch (guest_variant() % CELLS) {
	case 0:
		TEST("UHY-BLOCK-034", "at the end of RAM") {
			calls_at_end(version);
		}
		break;
	case 1:
		TEST("UHY-BLOCK-035", "across a multiple of 4 KiB") {
			calls_across(version, high + 0x1000);
		}
		break;
	case 2:
		TEST("UHY-BLOCK-036", "across a multiple of 2 MiB") {
			calls_across(version, high);
		}
		break;
	default:
		TEST("UHY-BLOCK-037", "far from the image") {
			calls_across(version, high + 0x400800);
		}
	}
}
