/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "cpus.h"
#include "v1.h"

/* The second vCPU has page tables of its own, with a page that the first one's lack. */
GUEST(
	summary = "virtual addresses are those of the vCPU that makes the call",
	needs = ["interface-1", "smp"],
	arch = ["x86_64"],
	vcpus = 2,
	after = [{ path = "data/out", content = "abcdef", id = "UHY-V1-008" }]
)

#define PAGE 4096u
#define ENTRY 0x3u  /* present, writable */
#define SLOT 0x100u /* of the root table, which the hypervisor left empty */
#define WINDOW 0xffff800000000000u /* the address of that entry */

static uint64_t root[512] __attribute__((aligned(4096)));
static uint64_t tables[3][512] __attribute__((aligned(4096)));
static char page[PAGE] __attribute__((aligned(4096)));
static volatile uint32_t opened, done;
static int32_t fd;
static int64_t count;

static uint64_t to(const volatile void *table)
{
	return uhyve_gpa_of(table).addr | ENTRY;
}

static void make_window(void)
{
	uint64_t cr3;
	__asm__ volatile("mov %%cr3, %0" : "=r"(cr3));
	memcpy(root, (const void *)(cr3 & ~(uint64_t)(PAGE - 1)), PAGE);
	tables[2][0] = to(page);
	tables[1][0] = to(tables[2]);
	tables[0][0] = to(tables[1]);
	root[SLOT] = to(tables[0]);
	__asm__ volatile("mov %0, %%cr3"
			 :
			 : "r"(uhyve_gpa_of(root).addr)
			 : "memory");
}

void guest_cpu_main(unsigned cpu)
{
	(void)cpu;
	make_window();
	if (wait_for(&opened, 1)) {
		memcpy(page, "abcdef", 6);
		v1_write(fd, (const void *)WINDOW, 6);
		v1_lseek(fd, 0, UHYVE_SEEK_SET);
		memset(page, 0, 6);
		count = v1_read(fd, (void *)WINDOW, 6);
	}
	publish(&done, 1);
	guest_park();
}

void guest_main(void)
{
	fd = v1_open("/data/out", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
	publish(&opened, 1);
	TEST("UHY-V1-009", "FileRead of the second vCPU") {
		expect(wait_for(&done, 1));
		expect_eq(count, 6);
		expect_bytes(page, "abcdef", 6);
	}
}
