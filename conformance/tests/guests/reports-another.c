/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "reports what it has not promised",
      requirements = ["UHY-OPEN-001"])

void guest_main(void)
{
	plan(2);
	TEST("UHY-OPEN-001", "holds")
		expect(true);
	TEST("UHY-OPEN-002", "holds, too")
		expect(true);
}
