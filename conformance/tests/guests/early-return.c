/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "returns before the second test",
      requirements = ["UHY-OPEN-001", "UHY-OPEN-002"])

void guest_main(void)
{
	plan(2);
	TEST("UHY-OPEN-001", "holds")
		expect(true);
}
