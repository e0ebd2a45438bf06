/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The device tree that boot_info points to, read only. */
#ifndef GUEST_FDT_H
#define GUEST_FDT_H

#include "test.h"

/* A big-endian number in the tree. */
uint32_t fdt_u32(const void *at);
uint64_t fdt_u64(const void *at);

/* True if every node of the tree ends, the root last, and then the tree. */
bool fdt_whole(void);

/*
 * The value of a property of the node at path, or a null pointer; len: its bytes.
 * A component without "@" finds the first node of that name with any address.
 */
const char *fdt_property(const char *path, const char *name, uint32_t *len);

/* The number of nodes below the node at path that have that property with that value. */
unsigned fdt_count(const char *path, const char *name, const char *value);

/* The number of children of the node at path that have that name, with any address. */
unsigned fdt_children(const char *path, const char *name);

/* True if a list of strings of len bytes has that one. */
bool fdt_list_has(const char *list, uint32_t len, const char *string);

#endif
