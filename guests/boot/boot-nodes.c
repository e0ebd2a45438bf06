/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a reader of the tree finds by its name, or does without: Hermit panics otherwise. */
#include "fdt.h"

GUEST(
	summary = "the names of nodes, and what is absent without mappings and arguments",
	mappings = {}
)

void guest_main(void)
{
	uint32_t len;
	TEST("UHY-BOOT-164", "no mappings") {
		const char *mounts =
			fdt_property("/uhyve,mounts", "mounts", &len);
		expect(!mounts || (len && *mounts));
	}
	TEST("UHY-BOOT-165", "one vCPU") {
		expect_eq(fdt_children("/cpus", "cpu"), 1);
	}
	TEST("UHY-BOOT-166", "one node for RAM") {
		expect_eq(fdt_children("/", "memory"), 1);
	}
	TEST("UHY-BOOT-167", "no arguments") {
		expect_eq(fdt_children("/", "chosen"), 1);
	}
}
