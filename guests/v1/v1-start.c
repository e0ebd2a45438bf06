/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

GUEST(
	summary = "an image without an interface note is of version 1",
	requirements = ["UHY-VER-003", "UHY-V1-002", "UHY-V1-003"],
	needs = ["interface-1"],
	arch = ["x86_64"],
	variants = {
		"no-note" = { image = ["no-interface-note"] },
		"note" = { requirements = ["UHY-V1-002", "UHY-V1-003"] }
	}
)

void guest_main(void)
{
	bool no_note = guest_variant() == 0;
	plan(no_note ? 3 : 2);
	if (no_note)
		TEST("UHY-VER-003", "it is told the console of version 1") {
			expect_eq(boot_info->serial_port_base, 0x800);
		}
	TEST("UHY-V1-002", "RAM lies below 3 GiB") {
		expect_between(ram_end(), 1, 0xc0000000);
	}
	TEST("UHY-V1-003", "serial_port_base") {
		expect_eq(boot_info->serial_port_base, 0x800);
	}
}
