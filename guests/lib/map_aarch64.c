/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * More of RAM in the translation tables that the hypervisor made (aarch64, 4
 * KiB granule, 48 bits). New mappings have the attributes of the image's own.
 */
#include "test.h"

#define VALID 0x1u
#define TABLE                                                                  \
	0x2u /* above the last level: a table and not a block; there: a page   \
	      */
#define ATTRIBUTES 0xffcu
/* Index 0 in MAIR_EL1, accessed, never executed. */
#define DEVICE (UINT64_C(3) << 53 | 0x400)
#define ADDRESS 0x0000fffffffff000u
#define PAGE_SIZE 0x1000u
#define BLOCK_SIZE 0x200000u

enum { ROOT_SHIFT = 39, BLOCK_SHIFT = 21, PAGE_SHIFT = 12, LEVEL_BITS = 9 };

/* Enough for two more upper levels on the way to two places. */
static uint64_t tables[4][512] __attribute__((aligned(4096)));
static unsigned used;

uint64_t page_table_root(void)
{
	uint64_t ttbr0;
	__asm__ volatile("mrs %0, ttbr0_el1" : "=r"(ttbr0));
	return ttbr0 & ADDRESS;
}

static uint64_t *root(void)
{
	return (uint64_t *)page_table_root();
}

static uint64_t *entry_of(uint64_t *table, uint64_t address, unsigned shift)
{
	return table + (address >> shift & 511);
}

static uint64_t image_attributes(void)
{
	uint64_t self = (uint64_t)(uintptr_t)tables;
	unsigned shift = ROOT_SHIFT;
	uint64_t entry = *entry_of(root(), self, shift);
	while (entry & TABLE && shift > PAGE_SHIFT) {
		shift -= LEVEL_BITS;
		entry = *entry_of((uint64_t *)(entry & ADDRESS), self, shift);
	}
	return entry & ATTRIBUTES;
}

/*
 * Maps the page at address, or the whole block around it where none of the
 * block is mapped yet.
 */
static void map_page(uint64_t address, uint64_t attributes)
{
	uint64_t *table = root();
	for (unsigned shift = ROOT_SHIFT; shift > BLOCK_SHIFT;
	     shift -= LEVEL_BITS) {
		uint64_t *entry = entry_of(table, address, shift);
		if (!(*entry & VALID))
			*entry = (uint64_t)(uintptr_t)tables[used++] | VALID |
				 TABLE;
		table = (uint64_t *)(*entry & ADDRESS);
	}
	uint64_t *entry = entry_of(table, address, BLOCK_SHIFT);
	if (!(*entry & VALID))
		*entry = (address & ~(uint64_t)(BLOCK_SIZE - 1)) | attributes |
			 VALID;
	if (!(*entry & TABLE))
		return;
	entry = entry_of((uint64_t *)(*entry & ADDRESS), address, PAGE_SHIFT);
	if (!(*entry & VALID))
		*entry = address | attributes | VALID | TABLE;
}

static void map(uint64_t address, uint64_t len, uint64_t attributes)
{
	uint64_t last = (address + len - 1) & ~(uint64_t)(PAGE_SIZE - 1);
	for (address &= ~(uint64_t)(PAGE_SIZE - 1); address <= last;
	     address += PAGE_SIZE)
		map_page(address, attributes);
	__asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

void map_ram(uint64_t address, uint64_t len)
{
	map(address, len, image_attributes());
}

void map_device(uint64_t address, uint64_t len)
{
	map(address, len, DEVICE);
}
