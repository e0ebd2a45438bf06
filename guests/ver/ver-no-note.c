/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

GUEST(
	summary = "an image without an interface note is of version 1",
	needs = ["interface-1"],
	image = ["no-interface-note"]
)

void guest_main(void)
{
	TEST("UHY-VER-003", "it is told the console of version 1") {
		expect_eq(boot_info->serial_port_base,
			  UHYVE_V1_BOOT_SERIAL_BASE);
	}
}
