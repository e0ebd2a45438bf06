/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An address that is not mapped causes a fault, which is not handled. */
#include "test.h"

GUEST(
	summary = "RAM that old kernels find mapped",
	arch = ["x86_64"],
	image = ["no-abi-note"]
)

#define GIB (UINT64_C(1) << 30)
#define STEP 0x200000u

void guest_main(void)
{
	uint64_t end = (boot_info->image_start & ~(GIB - 1)) + GIB;
	if (end > ram_end())
		end = ram_end();
	TEST("UHY-BOOT-057", "one to one, writable, to the end") {
		for (uint64_t at = (boot_info->image_end + STEP) & ~7ull;
		     at < end; at += STEP) {
			volatile uint64_t *word =
				(volatile uint64_t *)(uintptr_t)at;
			*word = at;
			expect_eq(*word, at);
		}
		*(volatile uint64_t *)(uintptr_t)(end - 8) = end;
		/* The call reads a guest-physical address. */
		memcpy((char *)(uintptr_t)(end - 8), "/none\0", 7);
		expect_eq(file_unlink((char *)(uintptr_t)(end - 8)),
			  -UHYVE_ENOENT);
	}
}
