/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* More of RAM in the page tables that the hypervisor made (x86-64). */
#include "test.h"

#define PRESENT 0x1u
#define WRITABLE 0x2u
#define LARGE 0x80u
#define ADDRESS 0x000ffffffffff000u
#define LARGE_PAGE 0x200000u

/* Enough for two more upper levels on the way to two places. */
static uint64_t tables[4][512] __attribute__((aligned(4096)));
static unsigned used;

uint64_t page_table_root(void)
{
	uint64_t cr3;
	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	return cr3 & ADDRESS;
}

static void map_large_page(uint64_t address)
{
	uint64_t table = page_table_root();
	for (unsigned shift = 39; shift > 21; shift -= 9) {
		uint64_t *entry = (uint64_t *)(table & ADDRESS) +
				  (address >> shift & 511);
		if (!(*entry & PRESENT))
			*entry = (uint64_t)(uintptr_t)tables[used++] | PRESENT |
				 WRITABLE;
		table = *entry;
	}
	((uint64_t *)(table & ADDRESS))[address >> 21 & 511] =
		address | PRESENT | WRITABLE | LARGE;
}

void map_ram(uint64_t address, uint64_t len)
{
	uint64_t last = (address + len - 1) & ~(uint64_t)(LARGE_PAGE - 1);
	for (address &= ~(uint64_t)(LARGE_PAGE - 1); address <= last;
	     address += LARGE_PAGE)
		map_large_page(address);
}
