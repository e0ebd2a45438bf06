/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "exits with 0 in the second test")

void guest_main(void)
{
	TEST("UHY-OPEN-001", "holds")
		expect(true);
	TEST("UHY-OPEN-002", "never ends")
		uhyve_exit(0);
}
