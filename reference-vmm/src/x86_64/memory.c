/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* x86-64: the GDT and the page tables that a guest starts with. */
#include <string.h>
#include <uhyve_interface/boot.h>

#include "../arch.h"
#include "../page_tables.h"

#define PRESENT_WRITABLE 0x3u
#define LARGE 0x80u
#define LARGE_SHIFT 21u
#define LARGE_PAGE (UINT64_C(1) << LARGE_SHIFT)
#define GIB (UINT64_C(1) << 30)

/* Null, 64-bit code, data. */
static const uint64_t gdt[3] = {0, 0x00af9b000000ffff, 0x00cf93000000ffff};

static uint64_t last_page_of_gigabyte(uint64_t address)
{
	return (address & ~(GIB - 1)) + GIB - LARGE_PAGE;
}

/*
 * The last page to map. Kernels from before Hermit 0.10 take memory from beyond
 * themselves before they have tables of their own: theirs is the whole gigabyte
 * in which that begins (UHY-BOOT-057), and no more. They clear what is mapped
 * only up to there, and fail over large pages that they find beyond.
 */
static uint64_t last_page(const struct boot *boot)
{
	if (!boot->whole_gigabytes)
		return boot->image_end;
	uint64_t behind =
		(boot->image_end + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
	return last_page_of_gigabyte(behind);
}

uint64_t arch_mapped_end(const struct boot *boot)
{
	return (last_page(boot) & ~(LARGE_PAGE - 1)) + LARGE_PAGE;
}

int arch_boot_memory(const struct gmem *ram, const struct boot *boot,
		     struct why *why)
{
	struct page_tables tables;
	if (page_tables_begin(&tables, ram, boot, PRESENT_WRITABLE, 0, why))
		return -1;
	gmem_store(ram, (struct uhyve_gpa){boot->ram_start + UHYVE_BOOT_GDT},
		   gdt, sizeof(gdt));
	uint64_t last = last_page(boot);
	for (uint64_t page = boot->ram_start; page <= last; page += LARGE_PAGE)
		if (page_tables_map(&tables, page, LARGE_SHIFT,
				    PRESENT_WRITABLE | LARGE, why))
			return -1;
	return 0;
}
