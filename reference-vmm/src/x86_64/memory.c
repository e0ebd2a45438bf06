/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* x86-64: the GDT and the page tables that a guest starts with. */
#include <inttypes.h>
#include <string.h>
#include <uhyve_interface/boot.h>

#include "../arch.h"

#define PRESENT_WRITABLE 0x3u
#define LARGE 0x80u
#define ADDRESS UINT64_C(0x000ffffffffff000)
#define LARGE_PAGE UINT64_C(0x200000)
#define GIB (UINT64_C(1) << 30)
#define ENTRIES 512u
#define TABLE_SIZE 4096u

/* Null, 64-bit code, data. */
static const uint64_t gdt[3] = {0, 0x00af9b000000ffff, 0x00cf93000000ffff};

/* Page tables are taken one after the other from their room. */
struct tables {
	const struct gmem *ram;
	uint64_t root;
	uint64_t next, end;
};

/* The entry of table that covers address at a level; tables lie in RAM. */
static uint64_t *entry_of(const struct tables *tables, uint64_t table,
			  uint64_t address, unsigned shift)
{
	uint64_t index = address >> shift & (ENTRIES - 1);
	return gmem_at(tables->ram, (struct uhyve_gpa){table + index * 8}, 8);
}

static int map_large_page(struct tables *tables, uint64_t address)
{
	uint64_t table = tables->root;
	for (unsigned shift = 39; shift > 21; shift -= 9) {
		uint64_t *entry = entry_of(tables, table, address, shift);
		if (*entry == 0) {
			if (tables->next == tables->end)
				return -1;
			*entry = tables->next | PRESENT_WRITABLE;
			tables->next += TABLE_SIZE;
		}
		table = *entry & ADDRESS;
	}
	*entry_of(tables, table, address, 21) =
		address | PRESENT_WRITABLE | LARGE;
	return 0;
}

/* The last address that the first instruction can rely on being mapped. */
static uint64_t mapped_to(const struct boot *boot)
{
	uint64_t last = boot->image_end;
	uint64_t gigabyte = (boot->image_start & ~(GIB - 1)) + GIB - LARGE_PAGE;
	return boot->whole_gigabytes && gigabyte > last ? gigabyte : last;
}

int arch_boot_memory(const struct gmem *ram, const struct boot *boot,
		     struct why *why)
{
	struct tables tables = {
		.ram = ram,
		.root = boot->ram_start + UHYVE_BOOT_PAGE_TABLES,
		.next = boot->ram_start + UHYVE_BOOT_PAGE_TABLES + TABLE_SIZE,
		.end = boot->ram_start + UHYVE_BOOT_PAGE_TABLES_END};
	uint8_t *at = gmem_at(ram, (struct uhyve_gpa){boot->ram_start},
			      UHYVE_BOOT_PAGE_TABLES_END);
	if (!at)
		return refuse(why, "memory is too small for page tables");
	memcpy(at + UHYVE_BOOT_GDT, gdt, sizeof(gdt));

	/* The tables are found at the top of the address space as well. */
	*entry_of(&tables, tables.root, (uint64_t)(ENTRIES - 1) << 39, 39) =
		tables.root | PRESENT_WRITABLE;
	uint64_t last = mapped_to(boot);
	for (uint64_t page = boot->ram_start; page <= last; page += LARGE_PAGE)
		if (map_large_page(&tables, page))
			return refuse(why,
				      "it is too large to be mapped: "
				      "%" PRIu64 " MiB",
				      (boot->image_end - boot->ram_start) >>
					      20);
	return 0;
}
