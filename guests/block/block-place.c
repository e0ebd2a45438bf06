/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define SINCE 2
#include "place.h"

GUEST(
	summary = "where a block of interface 2 may lie",
	requirements = ["UHY-BLOCK-034", "UHY-BLOCK-035", "UHY-BLOCK-036", "UHY-BLOCK-037"],
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	uint64_t high = ram_start() + 0x2000000;
	plan(4);
	samples_open();
	TEST("UHY-BLOCK-034", "at the end of RAM") {
		ram_tail(64);
		calls_before(ram_end());
	}
	TEST("UHY-BLOCK-035", "across a multiple of 4 KiB") {
		calls_across(high + 0x1000);
	}
	TEST("UHY-BLOCK-036", "across a multiple of 2 MiB") {
		calls_across(high);
	}
	TEST("UHY-BLOCK-037", "far from the image") {
		calls_across(high + 0x400800);
	}
}
