/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "its manifest has an unknown key",
      requirements = ["UHY-OPEN-001"], colour = "red")

void guest_main(void)
{
	plan(1);
	TEST("UHY-OPEN-001", "holds")
		expect(true);
}
