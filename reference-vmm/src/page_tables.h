/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The page tables that a guest starts with: four levels of tables with 512
 * entries of 8 bytes, addresses in bits 12 to 47. x86-64 and aarch64 (granule of
 * 4 KiB) have them in common; the other bits of an entry are theirs.
 */
#ifndef PAGE_TABLES_H
#define PAGE_TABLES_H

#include "boot.h"
#include "gmem.h"

#define TABLE_SIZE UINT64_C(4096)
#define TABLE_ENTRIES 512u
#define LEVEL_BITS 9u
#define ROOT_SHIFT 39u /* a table of the root: 512 GiB an entry */
#define PAGE_SHIFT 12u
#define ENTRY_PRESENT UINT64_C(1)
#define ENTRY_ADDRESS UINT64_C(0x0000fffffffff000)

/* Tables are taken one after the other from their room in the boot area. */
struct page_tables {
	const struct gmem *ram;
	const struct boot *boot;
	uint64_t root, next, end; /* guest-physical */
	uint64_t link;            /* the bits of an entry that names a table */
};

/*
 * An empty root, of which the last entry names the root itself (UHY-BOOT-056),
 * with bits self besides those of link. Fills why and gives -1 when RAM does not
 * hold the boot area up to the end of the room.
 */
int page_tables_begin(struct page_tables *tables, const struct gmem *ram,
		      const struct boot *boot, uint64_t link, uint64_t self,
		      struct why *why);

/*
 * Maps the page at address, of 1 << shift bytes, to itself; bits are those of its
 * entry. Fills why and gives -1 when the room for tables is used up.
 */
int page_tables_map(struct page_tables *tables, uint64_t address,
		    unsigned shift, uint64_t bits, struct why *why);

/*
 * As the processor does it with the tables at root: the entry that maps a virtual
 * address, and how many bits of the address lie inside its page; 0: not mapped.
 */
unsigned page_tables_walk(const struct gmem *ram, uint64_t root,
			  uint64_t address, uint64_t *leaf);

/* The guest-physical address that such an entry gives. */
static inline uint64_t page_tables_address(uint64_t leaf, uint64_t address,
					   unsigned shift)
{
	uint64_t inside = (UINT64_C(1) << shift) - 1;

	return (leaf & ENTRY_ADDRESS & ~inside) | (address & inside);
}

#endif
