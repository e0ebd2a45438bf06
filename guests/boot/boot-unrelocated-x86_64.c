/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Nothing that this guest does needs a relocation; other architectures' code does. */
#include "test.h"

GUEST(
	summary = "images without relocations",
	arch = ["x86_64"],
	variants = {
		"no-dynamic" = { image = ["no-dynamic"] },
		"no-relocations" = { image = ["no-relocations"] }
	}
)

void guest_main(void)
{
	TEST("UHY-BOOT-001", "it runs") {
		expect(true);
	}
}
