/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* aarch64: the translation tables and vectors that a guest starts with. */
#include <string.h>
#include <uhyve_interface/boot.h>

#include "../arch.h"
#include "../page_tables.h"
#include "platform.h"

#define TABLE (ENTRY_PRESENT | ENTRY_TABLE)
#define ACCESSED UINT64_C(0x400)
#define INNER_SHAREABLE UINT64_C(0x300)
/* By their index in MAIR_EL1, see cpu.c. */
#define ATTRIBUTES(index) ((uint64_t)(index) << 2)
#define NEVER_EXECUTE (UINT64_C(3) << 53)
/* Set in the entry by which the tables find themselves. */
#define SELF (UINT64_C(1) << 55)

/*
 * Also what names a table: the last entry of the root shows every table as a page
 * of RAM, and there its bits are those of a page (UHY-BOOT-120).
 */
#define RAM_PAGE (TABLE | ACCESSED | INNER_SHAREABLE | ATTRIBUTES(4))
#define DEVICE_PAGE (TABLE | ACCESSED | ATTRIBUTES(1) | NEVER_EXECUTE)

/* Sixteen entries of 32 instructions, each of which comes to its third. */
static void write_vectors(uint8_t *at)
{
	static const uint32_t entry[] = {
		0xd2800000 | VECTOR_NUMBER << 5, /* mov x0, #VECTOR_NUMBER */
		0xf9000000,                      /* str x0, [x0] */
		0x14000000,                      /* b . */
	};
	for (unsigned i = 0; i < 16; i++)
		memcpy(at + i * 0x80, entry, sizeof(entry));
}

static int map_range(struct page_tables *tables, uint64_t start, uint64_t end,
		     uint64_t bits, struct why *why)
{
	for (uint64_t page = start; page < end; page += PAGE_SIZE)
		if (page_tables_map(tables, page, PAGE_SHIFT, bits, why))
			return -1;
	return 0;
}

uint64_t arch_mapped_end(const struct boot *boot)
{
	return (boot->image_end + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1);
}

int arch_boot_memory(const struct gmem *ram, const struct boot *boot,
		     struct why *why)
{
	struct page_tables tables;
	if (page_tables_begin(&tables, ram, boot, RAM_PAGE, SELF, why))
		return -1;
	write_vectors(
		gmem_at(ram, (struct uhyve_gpa){boot->ram_start + BOOT_VECTORS},
			BOOT_VECTORS_SIZE));
	uint64_t numbers = boot->interface == 1 ? V1_NUMBERS : NUMBERS;
	if (map_range(&tables, numbers, NUMBERS_END, DEVICE_PAGE, why) ||
	    map_range(&tables, boot->ram_start, boot->image_end, RAM_PAGE, why))
		return -1;
	return 0;
}
