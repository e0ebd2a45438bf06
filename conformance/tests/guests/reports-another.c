/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "reports what its image does not say")

void guest_main(void)
{
	TEST("UHY-OPEN-001", "holds")
		expect(true);
	TEST_OF("UHY-OPEN-002", "holds, too")
	expect(true);
}
