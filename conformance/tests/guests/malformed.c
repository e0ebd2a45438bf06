/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "its manifest has an unknown key",
      colour = "red")

void guest_main(void)
{
	TEST("UHY-OPEN-001", "holds")
		expect(true);
}
