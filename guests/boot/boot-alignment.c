/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the alignment that segments ask for",
	variants = {
		"4-KiB" = {},
		"2-MiB" = { image = ["segment-align=0x200000"] },
		"1-GiB" = { image = ["segment-align=0x40000000"] }
	}
)

void guest_main(void)
{
	TEST_IN(VARIANTS(1, 2), "UHY-BOOT-025", "the image was started")
	{
		expect(boot_info->image_start != 0);
	}
	TEST("UHY-BOOT-026", "image_start lies on a page") {
		expect_eq(boot_info->image_start % 4096, 0);
	}
}
