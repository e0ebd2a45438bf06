/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* aarch64: the translation tables and vectors that a guest starts with. */
#include <inttypes.h>
#include <string.h>
#include <uhyve_interface/boot.h>

#include "../arch.h"
#include "platform.h"

#define TABLE (ENTRY_VALID | ENTRY_TABLE)
#define ACCESSED UINT64_C(0x400)
#define INNER_SHAREABLE UINT64_C(0x300)
/* By their index in MAIR_EL1, see cpu.c. */
#define ATTRIBUTES(index) ((uint64_t)(index) << 2)
#define NEVER_EXECUTE (UINT64_C(3) << 53)
/* Set in the entry by which the tables find themselves. */
#define SELF (UINT64_C(1) << 55)

#define RAM_PAGE (TABLE | ACCESSED | INNER_SHAREABLE | ATTRIBUTES(4))
#define DEVICE_PAGE (TABLE | ACCESSED | ATTRIBUTES(1) | NEVER_EXECUTE)

/* Tables are taken one after the other from their room. */
struct tables {
	const struct gmem *ram;
	uint64_t root;
	uint64_t next, end;
};

/* The entry of table that covers address at a level; tables lie in RAM. */
static uint64_t *entry_of(const struct tables *tables, uint64_t table,
			  uint64_t address, unsigned shift)
{
	uint64_t index = address >> shift & (TABLE_ENTRIES - 1);
	return gmem_at(tables->ram, (struct uhyve_gpa){table + index * 8}, 8);
}

static int map_page(struct tables *tables, uint64_t address, uint64_t kind)
{
	uint64_t table = tables->root;
	for (unsigned shift = ROOT_SHIFT; shift > PAGE_SHIFT;
	     shift -= LEVEL_BITS) {
		uint64_t *entry = entry_of(tables, table, address, shift);
		if (*entry == 0) {
			if (tables->next == tables->end)
				return -1;
			*entry = tables->next | TABLE;
			tables->next += PAGE_SIZE;
		}
		table = *entry & ENTRY_ADDRESS;
	}
	*entry_of(tables, table, address, PAGE_SHIFT) = address | kind;
	return 0;
}

static int map_all(struct tables *tables, const struct boot *boot)
{
	for (uint64_t page = 0; page < NUMBERS_END; page += PAGE_SIZE)
		if (map_page(tables, page, DEVICE_PAGE))
			return -1;
	for (uint64_t page = boot->ram_start; page < boot->image_end;
	     page += PAGE_SIZE)
		if (map_page(tables, page, RAM_PAGE))
			return -1;
	return 0;
}

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

int arch_boot_memory(const struct gmem *ram, const struct boot *boot,
		     struct why *why)
{
	struct tables tables = {
		.ram = ram,
		.root = boot->ram_start + UHYVE_BOOT_PAGE_TABLES,
		.next = boot->ram_start + UHYVE_BOOT_PAGE_TABLES + PAGE_SIZE,
		.end = boot->ram_start + UHYVE_BOOT_PAGE_TABLES_END};
	uint8_t *at = gmem_at(ram, (struct uhyve_gpa){boot->ram_start},
			      UHYVE_BOOT_PAGE_TABLES_END);
	if (!at)
		return refuse(why, "memory is too small for page tables");
	write_vectors(at + BOOT_VECTORS);
	/* The tables are found at the top of the address space as well. */
	*entry_of(&tables, tables.root,
		  (uint64_t)(TABLE_ENTRIES - 1) << ROOT_SHIFT, ROOT_SHIFT) =
		tables.root | RAM_PAGE | SELF;
	if (map_all(&tables, boot))
		return refuse(why,
			      "it is too large to be mapped: %" PRIu64 " MiB",
			      (boot->image_end - boot->ram_start) >> 20);
	return 0;
}
