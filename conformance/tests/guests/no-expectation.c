/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "the second test expects nothing")

void guest_main(void)
{
	TEST("UHY-OPEN-001", "holds")
		expect(true);
	TEST("UHY-OPEN-002", "is empty") {
	}
}
