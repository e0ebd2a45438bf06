/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "whether the calls of interface 3 are offered",
	requirements = ["UHY-VER-006"],
	probe = "interface-3",
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_call_info *info;
	plan(1);
	samples_open();
	TEST("UHY-VER-006", "each of them succeeds") {
		for (unsigned i = 0; (info = uhyve_call_at(i)); i++) {
			if (info->since != 3)
				continue;
			sample(info->number, block);
			call(info->number, block);
			expect_true(call_error(info->number, block) == 0,
				    info->name);
		}
	}
}
