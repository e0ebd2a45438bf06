/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "makes one of two tests of the same requirement")

void guest_main(void)
{
	if (guest_variant() == 1)
		TEST("UHY-OPEN-002", "is not reached")
			expect(true);
	TEST("UHY-OPEN-001", "holds")
		expect(true);
	TEST("UHY-OPEN-002", "holds, too")
		expect(true);
}
