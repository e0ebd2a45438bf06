/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "promises two requirements and reports one",
      requirements = ["UHY-OPEN-001", "UHY-OPEN-002"])

void guest_main(void)
{
	plan(1);
	TEST("UHY-OPEN-001", "holds")
		expect(true);
}
