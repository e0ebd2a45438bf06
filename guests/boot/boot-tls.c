/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What an image says of its thread-local storage. The harness makes the segment:
 * 24 bytes at 0x100 of the image, in memory 64, aligned to 32; or 16 bytes, all of them with an
 * initial value, and not aligned.
 */
#include "test.h"

GUEST(
	summary = "an image with thread-local storage",
	variants = {
		"with-zeros" = { image = ["tls=0x100:24:64:32"] },
		"without-zeros" = { image = ["tls=0x100:16:16:1"] }
	}
)

void guest_main(void)
{
	const uint64_t in_file[] = {24, 16}, in_memory[] = {64, 16},
		       alignment[] = {32, 1};
	TEST("UHY-BOOT-066", "address, sizes and alignment") {
		expect_eq(boot_info->tls_start,
			  uhyve_gpa_of(guest_image).addr + 0x100);
		expect_eq(boot_info->tls_filesz, FOR_VARIANT(in_file));
		expect_eq(boot_info->tls_memsz, FOR_VARIANT(in_memory));
		expect_eq(boot_info->tls_align, FOR_VARIANT(alignment));
	}
}
