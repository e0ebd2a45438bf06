/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Looks into the page tables: what is mapped cannot be told from a fault. */
#include "test.h"

GUEST(
	summary = "how far RAM is mapped for old kernels",
	arch = ["x86_64"],
	memory = 2304,
	image = ["no-abi-note"]
)

#define GIB (UINT64_C(1) << 30)
#define LARGE_PAGE UINT64_C(0x200000)
#define PRESENT UINT64_C(1)
#define LARGE UINT64_C(0x80)
#define ADDRESS UINT64_C(0x000ffffffffff000)

/* Tables are reached through the last entry of the root, as UHY-BOOT-120 has it. */
static uint64_t entry(uint64_t address, unsigned shift)
{
	uint64_t at = (address & UINT64_C(0xffffffffffff)) >> shift << 3;
	for (unsigned up = 0; up <= (shift - 12) / 9; up++)
		at = at | UINT64_C(511) << (39 - up * 9);
	return *(volatile uint64_t *)(uintptr_t)(at |
						 UINT64_C(0xffff000000000000));
}

static bool mapped(uint64_t address)
{
	for (unsigned shift = 39; shift >= 12; shift -= 9) {
		uint64_t found = entry(address, shift);
		if (!(found & PRESENT))
			return false;
		if (shift < 39 && found & LARGE)
			return true;
	}
	return true;
}

void guest_main(void)
{
	uint64_t end =
		(boot_info->image_end + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	end = (end & ~(GIB - 1)) + GIB;
	TEST("UHY-BOOT-057", "the end of the gigabyte") {
		uint64_t own = (boot_info->image_start & ~(GIB - 1)) + GIB;
		volatile uint64_t *last =
			(volatile uint64_t *)(uintptr_t)(own - 8);
		expect(own <= ram_end());
		*last = own;
		expect_eq(*last, own);
	}
	TEST("UHY-BOOT-058", "nothing beyond the gigabyte") {
		expect(mapped(boot_info->image_start));
		expect(end < ram_end());
		for (uint64_t at = end; at < ram_end(); at += 32 * LARGE_PAGE)
			expect(!mapped(at));
		expect(!mapped(end + LARGE_PAGE));
		expect(!mapped(ram_end() - 1));
	}
}
