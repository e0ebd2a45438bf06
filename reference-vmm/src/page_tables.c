/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "page_tables.h"

#include <inttypes.h>
#include <uhyve_interface/boot.h>

#include "arch.h"

/* The entry of table that covers address at a level; tables lie in RAM. */
static uint64_t *entry_of(const struct page_tables *tables, uint64_t table,
			  uint64_t address, unsigned shift)
{
	uint64_t index = address >> shift & (TABLE_ENTRIES - 1);
	return gmem_at(tables->ram, (struct uhyve_gpa){table + index * 8}, 8);
}

int page_tables_begin(struct page_tables *tables, const struct gmem *ram,
		      const struct boot *boot, uint64_t link, uint64_t self,
		      struct why *why)
{
	uint64_t root = boot->ram_start + UHYVE_BOOT_PAGE_TABLES;
	*tables = (struct page_tables){.ram = ram,
				       .boot = boot,
				       .root = root,
				       .next = root + TABLE_SIZE,
				       .end = boot->ram_start +
					      UHYVE_BOOT_PAGE_TABLES_END,
				       .link = link};
	if (!gmem_valid(ram, boot->ram_start, UHYVE_BOOT_PAGE_TABLES_END))
		return refuse(why, "memory is too small for page tables");
	*entry_of(tables, root, UINT64_MAX, ROOT_SHIFT) = root | link | self;
	return 0;
}

int page_tables_map(struct page_tables *tables, uint64_t address,
		    unsigned shift, uint64_t bits, struct why *why)
{
	const struct boot *boot = tables->boot;
	uint64_t table = tables->root;
	for (unsigned at = ROOT_SHIFT; at > shift; at -= LEVEL_BITS) {
		uint64_t *entry = entry_of(tables, table, address, at);
		if (*entry == 0 && tables->next == tables->end)
			return refuse(
				why,
				"it is too large to be mapped: %" PRIu64 " MiB",
				(boot->image_end - boot->ram_start) >> 20);
		if (*entry == 0) {
			*entry = tables->next | tables->link;
			tables->next += TABLE_SIZE;
		}
		table = *entry & ENTRY_ADDRESS;
	}
	*entry_of(tables, table, address, shift) = address | bits;
	return 0;
}

unsigned page_tables_walk(const struct gmem *ram, uint64_t root,
			  uint64_t address, uint64_t *leaf)
{
	unsigned shift = ROOT_SHIFT + LEVEL_BITS;

	*leaf = root;
	do {
		shift -= LEVEL_BITS;
		uint64_t at = (*leaf & ENTRY_ADDRESS) +
			      (address >> shift & (TABLE_ENTRIES - 1)) * 8;
		if (gmem_load(ram, (struct uhyve_gpa){at}, leaf, 8) ||
		    !(*leaf & ENTRY_PRESENT))
			return 0;
	} while (shift > PAGE_SHIFT &&
		 (*leaf & arch.entry_page_mask) != arch.entry_page);
	return shift;
}
