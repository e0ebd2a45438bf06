/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

GUEST(
	summary = "where an image of version 1 lies",
	needs = ["interface-1"],
	arch = ["x86_64"],
	variants = {
		"no-note" = { image = ["no-interface-note"] },
		"note" = {}
	}
)

void guest_main(void)
{
	TEST("UHY-V1-002", "RAM lies below 3 GiB") {
		expect_between(ram_end(), 1, 0xc0000000);
	}
	TEST("UHY-V1-003", "serial_port_base") {
		expect_eq(boot_info->serial_port_base, 0x800);
	}
}
