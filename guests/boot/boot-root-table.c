/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Without the entry the load causes a fault, which is not handled. */
#include "test.h"

GUEST(
	summary = "the page tables are found at the top of the address space"
)

#define ADDRESS UINT64_C(0x0000fffffffff000)
#define LAST 511u

/* x86-64: present, writable; aarch64: valid, a table. */
#define TABLE_BITS 0x3u

/* The page whose address picks the last entry four times. */
#if defined(__x86_64__)
#define ROOT UINT64_C(0xfffffffffffff000)
#else
#define ROOT UINT64_C(0x0000fffffffff000)
#endif

void guest_main(void)
{
	volatile uint64_t *root = (volatile uint64_t *)ROOT;
	TEST("UHY-BOOT-056", "the last entry of the root names the root") {
		uint64_t entry = root[LAST];
		expect_eq(entry & ADDRESS, page_table_root());
		expect_eq(entry & TABLE_BITS, TABLE_BITS);
		root[LAST] = entry;
	}
}
