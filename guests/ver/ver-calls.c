/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "the calls of version 2",
	requirements = ["UHY-VER-004"],
	variants = {
		"image-of-2" = {},
		"image-of-3" = { requirements = ["UHY-VER-005"], needs = ["interface-3"] },
		"image-of-2-beside-3" = { requirements = ["UHY-VER-009"], needs = ["interface-3"],
			image = ["interface=2"] }
	},
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_call_info *info;
	plan(1);
	samples_open();
	TEST(guest_variant() == 0   ? "UHY-VER-004"
	     : guest_variant() == 1 ? "UHY-VER-005"
				    : "UHY-VER-009",
	     "file calls succeed, serial calls return") {
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
}
