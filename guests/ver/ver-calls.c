/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "the calls of version 2",
	variants = {
		"image-of-2" = {},
		"image-of-3" = { needs = ["interface-3"] },
		"image-of-2-beside-3" = { needs = ["interface-3"],
			image = ["interface=2"] }
	},
	files = { "data/in" = "0123456789abcdef" }
)

/* File calls succeed, serial calls return. */
static void calls_of_2(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_call_info *info;
	FOR_EACH_CALL_OF(2, info) {
		sample_call(info, block);
	}
	/* Those of version 3 may be offered, or nothing happens. */
	FOR_EACH_CALL_OF(3, info) {
		sample(info->number, block);
		call(info->number, block);
		expect(call_error(info->number, block) != MALFORMED);
	}
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, '\n');
}

void guest_main(void)
{
	samples_open();
	TEST_IN(VARIANT(0), "UHY-VER-004", "calls of an image of 2")
	{
		calls_of_2();
	}
	TEST_IN(VARIANT(1), "UHY-VER-005", "calls of an image of 3")
	{
		calls_of_2();
	}
	TEST_IN(VARIANT(2), "UHY-VER-009",
		"calls of an image of 2 where 3 is offered")
	{
		calls_of_2();
	}
}
