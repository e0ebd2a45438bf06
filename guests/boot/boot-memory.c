/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "where RAM lies and how large it is",
	variants = {
		"16-MiB" = { memory = 16 }, "64-MiB" = {}, "66-MiB" = { memory = 66 },
		"256-MiB" = { memory = 256 }
	}
)

void guest_main(void)
{
	const uint64_t sizes[] = {16, 64, 66, 256}, start = ram_start();
	const uint64_t size = FOR_VARIANT(sizes) << 20;
	TEST("UHY-BOOT-030", "from 4 GiB to below 64 GiB") {
		expect(start >= 0x100000000);
		expect(ram_end() <= 0x1000000000);
	}
	TEST("UHY-BOOT-031", "a multiple of 2 MiB") {
		expect_eq(start % 0x200000, 0);
	}
	TEST("UHY-BOOT-032", "as large as asked for") {
		expect_eq(ram_end() - start, size);
	}
	TEST("UHY-BOOT-060",
	     "the image, this stack and the last byte lie in it") {
		uint8_t *last = ram_tail(1);
		expect(boot_info->image_start >= start);
		expect(boot_info->image_end <= ram_end());
		*last = 0x5a;
		expect_eq(*(volatile uint8_t *)last, 0x5a);
	}
	TEST("UHY-BOOT-038", "each 2 MiB beyond the image can be written") {
		for (uint64_t at = start + 0x200000; at < ram_end();
		     at += 0x200000) {
			volatile uint64_t *word =
				(volatile uint64_t *)(uintptr_t)(at + 0x1000);
			map_ram(at, 0x200000);
			*word = at;
			word[0x1ffff - 0x200] = ~at;
		}
		for (uint64_t at = start + 0x200000; at < ram_end();
		     at += 0x200000) {
			volatile uint64_t *word =
				(volatile uint64_t *)(uintptr_t)(at + 0x1000);
			expect_eq(word[0], at);
			expect_eq(word[0x1ffff - 0x200], ~at);
		}
	}
}
