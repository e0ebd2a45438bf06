/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

/* Two virtual pages, of which the second lies before the first in RAM. */
GUEST(
	summary = "buffers of version 1 across pages that lie apart in RAM",
	needs = ["interface-1"],
	arch = ["x86_64"],
	after = [{ path = "data/out", content = "abcdef", id = "UHY-V1-008" }]
)

#define PAGE 4096u
#define ENTRY 0x3u  /* present, writable */
#define SLOT 0x100u /* of the root table, which the hypervisor left empty */
#define WINDOW 0xffff800000000000u /* the address of that entry */

static uint64_t tables[3][512] __attribute__((aligned(4096)));
static char pages[3][PAGE] __attribute__((aligned(4096)));

static uint64_t to(const volatile void *table)
{
	return uhyve_gpa_of(table).addr | ENTRY;
}

static void make_window(void)
{
	uint64_t cr3;
	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	volatile uint64_t *root = (uint64_t *)(cr3 & ~(uint64_t)(PAGE - 1));
	tables[2][0] = to(pages[1]);
	tables[2][1] = to(pages[0]);
	tables[1][0] = to(tables[2]);
	tables[0][0] = to(tables[1]);
	root[SLOT] = to(tables[0]);
}

void guest_main(void)
{
	char *split = (char *)(WINDOW + PAGE - 3);
	int32_t fd = v1_open("/data/out", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
	make_window();
	TEST("UHY-V1-008", "FileWrite") {
		memcpy(split, "abcdef", 6);
		v1_write(fd, split, 6);
		expect_eq(v1_lseek(fd, 0, UHYVE_SEEK_CUR), 6);
	}
	TEST("UHY-V1-009", "FileRead") {
		v1_lseek(fd, 0, UHYVE_SEEK_SET);
		memset(pages, 0, sizeof(pages));
		expect_eq(v1_read(fd, split, 6), 6);
		expect_bytes(pages[1] + PAGE - 3, "abc", 3);
		expect_bytes(pages[0], "def\0", 4);
		expect_bytes(pages[2], "\0\0\0", 3);
		/* All of it; nothing is mapped around it. */
		v1_lseek(fd, 0, UHYVE_SEEK_SET);
		expect_eq(v1_read(fd, (char *)WINDOW, 2 * PAGE), 6);
		expect_bytes(pages[1], "abcdef", 6);
	}
}
