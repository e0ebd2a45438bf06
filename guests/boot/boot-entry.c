/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fdt.h"

GUEST(
	summary = "the registers at entry and what they point to",
	also = [3]
)

void guest_main(void)
{
	TEST("UHY-BOOT-040", "the boot information begins with RAM") {
		uint64_t here = uhyve_gpa_of(&here).addr;
		expect(guest_entries[0].boot_info % 8 == 0);
		expect(boot_info->ram_start <= here);
		expect(boot_info->ram_end > here);
	}
	TEST("UHY-BOOT-048", "boot information and device tree lie in RAM") {
		uint64_t info = guest_entries[0].boot_info;
		uint64_t tree = boot_info->device_tree.addr;
		expect(info >= ram_start() && info <= ram_end() - 128);
		expect(tree >= ram_start() && tree <= ram_end() - 40);
		expect_eq(fdt_u32((const void *)(uintptr_t)tree), 0xd00dfeed);
	}
}
