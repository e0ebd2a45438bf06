/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the alignment that segments ask for",
	requirements = ["UHY-BOOT-025", "UHY-BOOT-026"],
	variants = {
		"4-KiB" = { requirements = ["UHY-BOOT-026"] },
		"2-MiB" = { image = ["segment-align=0x200000"] },
		"1-GiB" = { image = ["segment-align=0x40000000"] }
	}
)

void guest_main(void)
{
	plan(guest_variant() ? 2 : 1);
	if (guest_variant())
		TEST("UHY-BOOT-025", "the image was started") {
			expect(boot_info->image_start != 0);
		}
	TEST("UHY-BOOT-026", "image_start lies on a page") {
		expect_eq(boot_info->image_start % 4096, 0);
	}
}
