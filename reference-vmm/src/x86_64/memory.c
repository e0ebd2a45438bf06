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
	struct page_tables tables;
	if (page_tables_begin(&tables, ram, boot, PRESENT_WRITABLE, 0, why))
		return -1;
	gmem_store(ram, (struct uhyve_gpa){boot->ram_start + UHYVE_BOOT_GDT},
		   gdt, sizeof(gdt));
	uint64_t last = mapped_to(boot);
	for (uint64_t page = boot->ram_start; page <= last; page += LARGE_PAGE)
		if (page_tables_map(&tables, page, LARGE_SHIFT,
				    PRESENT_WRITABLE | LARGE, why))
			return -1;
	return 0;
}
