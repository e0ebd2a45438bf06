/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* aarch64: where things lie besides RAM, and what its files share. */
#ifndef AARCH64_PLATFORM_H
#define AARCH64_PLATFORM_H

#include <stdint.h>

/* Guest-physical. */
struct device_range {
	uint64_t start, size;
};

#define GIC_DISTRIBUTOR {0x08000000, 0x10000}
#define GIC_REDISTRIBUTORS {0x080a0000, 0xf60000}

/*
 * The numbers of the calls as addresses: nothing lies here, so that an access
 * leaves the guest. Those of version 1 begin at 0, which later images do not see:
 * there a null pointer is a fault (UHY-BOOT-132).
 */
#define V1_NUMBERS 0x0
#define NUMBERS 0x1000
#define NUMBERS_END 0x2000

/*
 * Exceptions that the guest does not handle itself would make it spin, since
 * there is no memory at address 0. A table of vectors after the boot
 * information makes each of them a store here, which the VMM knows by the
 * program counter; for everybody else it is a number that means nothing.
 */
#define BOOT_VECTORS 0x6000 /* offset from the first address of RAM */
#define BOOT_VECTORS_SIZE 0x800
#define VECTOR_NUMBER 0x1ff8

/* Entries of translation tables, see page_tables.h. */
#define PAGE_SIZE UINT64_C(0x1000)
#define ENTRY_TABLE UINT64_C(0x2) /* in the last level: a page */

#endif
