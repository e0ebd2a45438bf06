/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Nodes of the device tree whose names a kernel looks for. */
#include <libfdt.h>

#include "mutant.h"

/* The tree is complete, and then edited; `path` is the node's place or an error. */
#define EDITED(name, id, what, path, change, ...)                              \
	AT(devicetree_build, name, id, what, ##__VA_ARGS__)                    \
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
EDITED("boot-mounts-empty", "UHY-BOOT-164",
       "without mappings the list of mounts is empty", "/",
       list_nothing(to, node))
EDITED("boot-cpu-name", "UHY-BOOT-165", "the node of a vCPU has another name",
       "/cpus/cpu@0", fdt_set_name(to, node, "core@0"))
EDITED("boot-memory-twice", "UHY-BOOT-166", "there are two nodes for RAM", "/",
       fdt_add_subnode(to, node, "memory@0"))
EDITED("boot-no-chosen", "UHY-BOOT-167",
       "the node /chosen is absent without arguments", "/chosen",
       if (!*facts->bootargs) fdt_set_name(to, node, "options"))
#if defined(__x86_64__)
EDITED("boot-tsc-node", "UHY-BOOT-168", "the tree tells of another frequency",
       "/hermit,tsc", fdt_setprop_u32(to, node, "khz", facts->counter_khz + 1))
#endif
