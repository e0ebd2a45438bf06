/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the version 00 00 00 02"
)

void guest_main(void)
{
	TEST("UHY-VER-001", "the image runs") {
		expect(true);
	}
}
