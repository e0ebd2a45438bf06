/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "entry.h"

#include "fdt.h"

static bool disjoint(uint64_t lowest, uint64_t from, uint64_t to)
{
	return lowest + ENTRY_STACK_SIZE <= from || to <= lowest;
}

void expect_entry_stack(uint64_t lowest)
{
	uint64_t info = guest_entries[0].boot_info;
	uint64_t tree = boot_info->device_tree.addr;
	expect(lowest >= ram_start() && lowest <= ram_end() - ENTRY_STACK_SIZE);
	expect(disjoint(lowest, boot_info->image_start, boot_info->image_end));
	expect(disjoint(lowest, info, info + 128));
	expect(disjoint(lowest, tree,
			tree + fdt_u32((char *)(uintptr_t)tree + 4)));
}
