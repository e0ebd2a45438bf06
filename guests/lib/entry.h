/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The stack at entry, which is laid out alike on all architectures. */
#ifndef GUEST_ENTRY_H
#define GUEST_ENTRY_H

#include <stdint.h>

#define ENTRY_STACK_SIZE UINT64_C(0x8000)

/*
 * Expects that ENTRY_STACK_SIZE bytes from there on are RAM that contains no part
 * of the image, the boot information or the device tree.
 */
void expect_entry_stack(uint64_t lowest);

#endif
