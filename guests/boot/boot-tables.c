/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Walks and changes the page tables as Hermit does: every table is found through
 * the last entry of the root, at the top of the address space. What is not
 * readable there causes a fault, which is not handled.
 */
#include "test.h"

GUEST(
	summary = "tables of every level are read and changed at the top of the address space"
)

#define ADDRESS UINT64_C(0x0000fffffffff000)
#define PAGE_SIZE UINT64_C(0x1000)
#define PRESENT UINT64_C(0x1)
/* The page whose address picks the last entry of the root four times. */
#define ROOT UINT64_C(0x0000fffffffff000)

/* An entry above the last level that names no further table; one that names one. */
#if defined(__x86_64__)
#define IS_LARGE(entry) (((entry) & 0x80) != 0)
#define TABLE_BITS UINT64_C(0x3)
#define CANONICAL(address) ((address) | UINT64_C(0xffff000000000000))
#else
#define IS_LARGE(entry) (((entry) & 0x2) == 0)
/* Normal memory, inner shareable, accessed: a page of RAM (paging.rs of Hermit). */
#define TABLE_BITS UINT64_C(0x713)
#define CANONICAL(address) (address)
#endif

enum { ROOT_SHIFT = 39, PAGE_SHIFT = 12, LEVEL_BITS = 9 };

/* An unmapped address: below the top, above all RAM. */
#define FREE UINT64_C(0x0000700000000000)

static uint64_t new_tables[3][512] __attribute__((aligned(4096)));
static volatile uint64_t pages[2][512] __attribute__((aligned(4096)));

static unsigned index_of(uint64_t address, unsigned shift)
{
	return (unsigned)(address >> shift & 511);
}

static volatile uint64_t *entry_at(uint64_t table, uint64_t address,
				   unsigned shift)
{
	return (volatile uint64_t *)CANONICAL(table) + index_of(address, shift);
}

/* The table that the entry at that level names, as the last entry shows it. */
static uint64_t below(uint64_t table, uint64_t address, unsigned shift)
{
	return ((table << LEVEL_BITS) & ADDRESS) |
	       (uint64_t)index_of(address, shift) << PAGE_SHIFT;
}

static void flush(uint64_t address)
{
#if defined(__x86_64__)
	__asm__ volatile("invlpg (%0)" : : "r"(address) : "memory");
#else
	__asm__ volatile("dsb ishst\n\ttlbi vaae1is, %0\n\tdsb ish\n\tisb"
			 :
			 : "r"(address >> PAGE_SHIFT)
			 : "memory");
#endif
}

/*
 * What address is translated to, 1 when it is not mapped. Each entry on that path
 * is written back, so a table that is read-only is a fault, too.
 */
static uint64_t walk(uint64_t address)
{
	uint64_t table = ROOT;
	for (unsigned shift = ROOT_SHIFT;; shift -= LEVEL_BITS) {
		volatile uint64_t *at = entry_at(table, address, shift);
		uint64_t entry = *at;
		uint64_t inside = (UINT64_C(1) << shift) - 1;
		if (!(entry & PRESENT))
			return 1;
		*at = entry;
		if (shift == PAGE_SHIFT || IS_LARGE(entry))
			return (entry & ADDRESS & ~inside) | (address & inside);
		table = below(table, address, shift);
	}
}

/* One page at FREE, or none for 0; missing tables come from the image. */
static void map_free(uint64_t physical)
{
	uint64_t table = ROOT;
	for (unsigned shift = ROOT_SHIFT; shift > PAGE_SHIFT;
	     shift -= LEVEL_BITS) {
		volatile uint64_t *at = entry_at(table, FREE, shift);
		uint64_t next = below(table, FREE, shift);
		if (!(*at & PRESENT)) {
			unsigned level = (ROOT_SHIFT - shift) / LEVEL_BITS;
			*at = (uintptr_t)new_tables[level] | TABLE_BITS;
			flush(CANONICAL(next));
		}
		table = next;
	}
	*entry_at(table, FREE, PAGE_SHIFT) = 0;
	flush(FREE);
	if (physical)
		*entry_at(table, FREE, PAGE_SHIFT) = physical | TABLE_BITS;
	flush(FREE);
}

void guest_main(void)
{
	volatile uint64_t *there = (volatile uint64_t *)FREE;
	const uint64_t mapped[] = {
		boot_info->image_start,      (uintptr_t)guest_main,
		boot_info->image_end - 1,    guest_entries[0].boot_info,
		boot_info->device_tree.addr,
	};
	TEST("UHY-BOOT-120", "down to the page") {
		for (unsigned i = 0; i < sizeof(mapped) / sizeof(*mapped); i++)
			expect_eq(walk(mapped[i]), mapped[i]);
	}
	TEST("UHY-BOOT-120", "a page is mapped, moved and unmapped") {
		expect_eq(walk(FREE), 1);
		map_free((uintptr_t)pages[0]);
		*there = 0x5a;
		expect_eq(pages[0][0], 0x5a);
		map_free((uintptr_t)pages[1]);
		*there = 0xa5;
		expect_eq(pages[0][0], 0x5a);
		expect_eq(pages[1][0], 0xa5);
		expect_eq(walk(FREE), (uintptr_t)pages[1]);
		map_free(0);
		expect_eq(walk(FREE), 1);
	}
	TEST("UHY-BOOT-132", "address 0") {
		expect_eq(walk(0), 1);
	}
}
