/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "versions that do not exist",
	refused = { id = "UHY-VER-002" },
	variants = {
		"4" = { image = ["interface=4"] },
		"4-in-the-last-note" = { image = ["interface=4", "interface-note-last"] },
		"0" = { image = ["interface=0"] },
		"1000" = { image = ["interface=1000"] },
		"little-endian-3" = { image = ["interface=0x03000000"] },
		"0xffffffff" = { image = ["interface=0xffffffff"] }
	}
)

void guest_main(void)
{
	/* This is not reached. */
	say("%x", guest_response());
}
