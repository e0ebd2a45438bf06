/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Nodes of the device tree whose names a kernel looks for. */
#include <libfdt.h>

#include "mutant.h"

/* The tree is complete, and then edited; `path` is the node's place or an error. */
#define EDITED(name, path, change)                                             \
	static int name(void *to, int size, const struct boot *boot,           \
			const struct boot_facts *facts, struct why *why)       \
	{                                                                      \
		int used =                                                     \
			__real_devicetree_build(to, size, boot, facts, why);   \
		int node;                                                      \
		if (used < 0 || fdt_open_into(to, to, size))                   \
			return used;                                           \
		node = fdt_path_offset(to, path);                              \
		if (node >= 0)                                                 \
			change;                                                \
		fdt_pack(to);                                                  \
		return (int)fdt_totalsize(to);                                 \
	}

static void list_nothing(void *tree, int root)
{
	int mounts = fdt_add_subnode(tree, root, "uhyve,mounts");
	if (mounts >= 0)
		fdt_setprop_string(tree, mounts, "mounts", "");
}
EDITED(mounts_empty, "/", list_nothing(to, node))
EDITED(cpu_renamed, "/cpus/cpu@0", fdt_set_name(to, node, "core@0"))
EDITED(memory_twice, "/", fdt_add_subnode(to, node, "memory@0"))
EDITED(no_chosen, "/chosen",
       if (!*facts->bootargs) fdt_set_name(to, node, "options"))
#if defined(__x86_64__)
EDITED(counter_other, "/hermit,tsc",
       fdt_setprop_u32(to, node, "khz", facts->counter_khz + 1))
#endif

static const struct variant rows[] = {
	{"boot-mounts-empty", "UHY-BOOT-164",
	 "without mappings the list of mounts is empty",
	 .devicetree_build = mounts_empty},
	{"boot-cpu-name", "UHY-BOOT-165", "the node of a vCPU has another name",
	 .devicetree_build = cpu_renamed},
	{"boot-memory-twice", "UHY-BOOT-166", "there are two nodes for RAM",
	 .devicetree_build = memory_twice},
	{"boot-no-chosen", "UHY-BOOT-167",
	 "the node /chosen is absent without arguments",
	 .devicetree_build = no_chosen},
#if defined(__x86_64__)
	{"boot-tsc-node", "UHY-BOOT-168", "the tree tells of another frequency",
	 .devicetree_build = counter_other},
#endif
};
VARIANTS(rows);
