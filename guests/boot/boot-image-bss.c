/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a segment without a byte in the file",
	image = ["segment-bss=0x5000"]
)

void guest_main(void)
{
	TEST("UHY-BOOT-064", "it is a part of the image") {
		expect_eq(boot_info->image_end,
			  uhyve_gpa_of(guest_image_end).addr + 0x5000);
	}
}
