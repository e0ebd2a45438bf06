/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "the calls of version 2 for an image of version 3",
	requirements = ["UHY-VER-005"],
	needs = ["interface-3"],
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_call_info *info;
	plan(1);
	samples_open();
	TEST("UHY-VER-005", "file calls succeed, serial calls return") {
		for (unsigned i = 0; (info = uhyve_call_at(i)); i++) {
			if (info->since != 2 || !call_reports(info->number))
				continue;
			sample(info->number, block);
			call(info->number, block);
			expect_true(call_error(info->number, block) == 0,
				    info->name);
		}
		uhyve_call(UHYVE_SERIAL_WRITE_BYTE, '\n');
	}
}
