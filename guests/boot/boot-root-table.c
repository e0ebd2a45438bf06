/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Without the entry the load is a fault that nobody handles. */
#include "test.h"

GUEST(
	summary = "the page tables are found at the top of the address space",
	requirements = ["UHY-BOOT-056"]
)

#define ADDRESS UINT64_C(0x0000fffffffff000)
#define LAST 511u

/* Guest-physical; and the page whose address picks the last entry four times. */
#if defined(__x86_64__)
#define ROOT UINT64_C(0xfffffffffffff000)
#define TABLE_BITS 0x3u /* present, writable */
static uint64_t root_address(void)
{
	uint64_t root;
	__asm__ volatile("mov %%cr3, %0" : "=r"(root));
	return root & ADDRESS;
}
#else
#define ROOT UINT64_C(0x0000fffffffff000)
#define TABLE_BITS 0x3u /* valid, a table */
static uint64_t root_address(void)
{
	uint64_t root;
	__asm__ volatile("mrs %0, ttbr0_el1" : "=r"(root));
	return root & ADDRESS;
}
#endif

void guest_main(void)
{
	volatile uint64_t *root = (volatile uint64_t *)ROOT;
	plan(1);
	TEST("UHY-BOOT-056", "the last entry of the root names the root") {
		uint64_t entry = root[LAST];
		expect_eq(entry & ADDRESS, root_address());
		expect_eq(entry & TABLE_BITS, TABLE_BITS);
		root[LAST] = entry;
	}
}
