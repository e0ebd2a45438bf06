/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "spins in the second test",
      timeout = 1)

void guest_main(void)
{
	TEST("UHY-OPEN-001", "holds")
		expect(true);
	TEST("UHY-OPEN-002", "never ends")
		for (volatile unsigned i = 0;; i++)
			;
}
