/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Walks and changes the page tables as today's Hermit does: every table is found at
 * its guest-physical address. What is not mapped there is a fault that no one handles.
 */
#include "test.h"

GUEST(
	summary = "tables of every level are read and changed at their own addresses",
	arch = ["x86_64"]
)

#define ADDRESS UINT64_C(0x000ffffffffff000)
#define PRESENT UINT64_C(0x1)
#define LARGE UINT64_C(0x80)
/* Writes reach pages that are not writable unless this is set. */
#define CR0_WP UINT64_C(0x10000)

enum { ROOT_SHIFT = 39, PAGE_SHIFT = 12, LEVEL_BITS = 9 };

/* A page of the image that is mapped a second time. */
static volatile uint64_t page[512] __attribute__((aligned(4096)));
static uint64_t new_tables[3][512] __attribute__((aligned(4096)));
#define FREE UINT64_C(0x0000700000000000)
#define WRITABLE UINT64_C(0x2)

static void protect_writes(void)
{
	uint64_t cr0;
	__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
	__asm__ volatile("mov %0, %%cr0" : : "r"(cr0 | CR0_WP));
}

static volatile uint64_t *entry_at(uint64_t table, uint64_t address,
				   unsigned shift)
{
	return (volatile uint64_t *)table + (address >> shift & 511);
}

/* What address is translated to; each entry on the way is written back. */
static uint64_t walk(uint64_t address)
{
	uint64_t table = page_table_root();
	for (unsigned shift = ROOT_SHIFT;; shift -= LEVEL_BITS) {
		volatile uint64_t *at = entry_at(table, address, shift);
		uint64_t entry = *at;
		uint64_t inside = (UINT64_C(1) << shift) - 1;
		if (!(entry & PRESENT))
			return 1;
		*at = entry;
		if (shift == PAGE_SHIFT || entry & LARGE)
			return (entry & ADDRESS & ~inside) | (address & inside);
		table = entry & ADDRESS;
	}
}

static void map_page(uint64_t physical)
{
	uint64_t table = page_table_root();
	for (unsigned level = 0; level < 3; level++) {
		volatile uint64_t *at =
			entry_at(table, FREE, ROOT_SHIFT - level * LEVEL_BITS);
		*at = (uintptr_t)new_tables[level] | PRESENT | WRITABLE;
		table = (uintptr_t)new_tables[level];
	}
	*entry_at(table, FREE, PAGE_SHIFT) = physical | PRESENT | WRITABLE;
}

void guest_main(void)
{
	const uint64_t mapped[] = {
		boot_info->image_start,      (uintptr_t)guest_main,
		boot_info->image_end - 1,    guest_entries[0].boot_info,
		boot_info->device_tree.addr,
	};
	protect_writes();
	TEST("UHY-BOOT-163", "down to the page") {
		for (unsigned i = 0; i < sizeof(mapped) / sizeof(*mapped); i++)
			expect_eq(walk(mapped[i]), mapped[i]);
	}
	TEST("UHY-BOOT-163", "a page is mapped") {
		map_page((uintptr_t)page);
		*(volatile uint64_t *)FREE = 0x5a;
		expect_eq(page[0], 0x5a);
	}
}
