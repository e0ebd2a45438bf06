/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Pages and memory types of the initial tables. Emulation ignores the types, so
 * what they say is compared, not what they do.
 */
#include "test.h"

GUEST(
	summary = "pages of 4 KiB, of normal memory; the memory types that kernels use",
	arch = ["aarch64"]
)

#define ADDRESS UINT64_C(0x0000fffffffff000)
#define ENTRY_KIND 0x3u
#define ENTRY_PAGE_OR_TABLE 0x3u
#define NORMAL_WRITE_BACK 0xffu
#define INNER_SHAREABLE 0x3u

enum { ROOT_SHIFT = 39, PAGE_SHIFT = 12, LEVEL_BITS = 9, PLACES = 4 };

static void places(uint64_t *to)
{
	to[0] = boot_info->image_start;
	to[1] = boot_info->image_end - 1;
	to[2] = guest_entries[0].boot_info;
	to[3] = boot_info->device_tree.addr;
}

/* The translation of a store to address: PAR_EL1. */
static uint64_t translated(uint64_t address)
{
	uint64_t found;
	__asm__ volatile("at s1e1w, %1\n\tisb\n\tmrs %0, par_el1"
			 : "=r"(found)
			 : "r"(address)
			 : "memory");
	return found;
}

static void check_type(uint64_t address)
{
	uint64_t found = translated(address);
	expect_eq(found & 1, 0);
	expect_eq(found >> 56, NORMAL_WRITE_BACK);
	expect_eq(found >> 7 & 3, INNER_SHAREABLE);
}

/* Every table on the way to address, where the root's last entry shows it. */
static void check_tables(uint64_t address)
{
	uint64_t table = ADDRESS;
	for (unsigned shift = ROOT_SHIFT; shift >= PAGE_SHIFT;
	     shift -= LEVEL_BITS) {
		check_type(table);
		table = ((table << LEVEL_BITS) & ADDRESS) |
			(address >> shift & 511) << PAGE_SHIFT;
	}
}

static void check_pages(uint64_t address)
{
	uint64_t table = page_table_root();
	for (unsigned shift = ROOT_SHIFT; shift >= PAGE_SHIFT;
	     shift -= LEVEL_BITS) {
		uint64_t entry =
			((volatile uint64_t *)table)[address >> shift & 511];
		if (!expect_eq(entry & ENTRY_KIND, ENTRY_PAGE_OR_TABLE))
			return;
		table = entry & ADDRESS;
	}
	expect_eq(table, address & ADDRESS);
}

void guest_main(void)
{
	uint64_t at[PLACES], types;
	places(at);
	TEST("UHY-BOOT-121", "no blocks") {
		for (unsigned i = 0; i < PLACES; i++)
			check_pages(at[i]);
	}
	TEST("UHY-BOOT-122",
	     "of the pages and of the tables on the way to them") {
		for (unsigned i = 0; i < PLACES; i++) {
			check_type(at[i]);
			check_tables(at[i]);
		}
	}
	TEST("UHY-BOOT-123", "indexes 0 and 4") {
		__asm__ volatile("mrs %0, mair_el1" : "=r"(types));
		expect_eq(types & 0xff, 0);
		expect_eq(types >> 32 & 0xff, NORMAL_WRITE_BACK);
	}
}
