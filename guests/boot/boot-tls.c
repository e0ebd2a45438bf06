/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an image says of its thread-local storage. The harness makes the segment:
 * 24 bytes at 0x100 of the image, in memory 64, aligned to 32.
 */
#include "test.h"

GUEST(
	summary = "an image with thread-local storage",
	image = ["tls=0x100:24:64:32"]
)

void guest_main(void)
{
	TEST("UHY-BOOT-066", "address, sizes and alignment") {
		expect_eq(boot_info->tls_start,
			  uhyve_gpa_of(guest_image).addr + 0x100);
		expect_eq(boot_info->tls_filesz, 24);
		expect_eq(boot_info->tls_memsz, 64);
		expect_eq(boot_info->tls_align, 32);
	}
}
