/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "its manifest has a key that nobody knows",
      requirements = ["UHY-OPEN-001"], colour = "red")

void guest_main(void)
{
	plan(1);
	TEST("UHY-OPEN-001", "holds")
		expect(true);
}
