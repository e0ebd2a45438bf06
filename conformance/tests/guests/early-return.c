/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "returns before the second test")

void guest_main(void)
{
	TEST("UHY-OPEN-001", "holds")
		expect(true);
	if (guest_variant() == 0)
		return;
	TEST("UHY-OPEN-002", "is not reached")
		expect(true);
}
