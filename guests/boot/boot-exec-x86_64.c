/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Linked to 0x100040000 as ET_EXEC, see guests.mk. */
#include "test.h"

GUEST(
	summary = "an image that is linked to an address",
	arch = ["x86_64"]
)

void guest_main(void)
{
	TEST("UHY-BOOT-002", "it runs where it is linked to") {
		uint64_t here;
		__asm__ volatile("lea guest_image(%%rip), %0" : "=r"(here));
		expect_eq(here, 0x100040000);
		expect_eq(boot_info->image_start, 0x100040000);
	}
}
