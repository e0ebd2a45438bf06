/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "executes an invalid instruction in the second test",
      timeout = 2)

void guest_main(void)
{
	TEST("UHY-OPEN-001", "holds")
		expect(true);
	TEST("UHY-OPEN-002", "never ends")
		__builtin_trap();
}
