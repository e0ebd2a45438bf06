/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the reserved numbers do nothing for arguments that are not addresses",
	variants = ["open", "close"]
)

void guest_main(void)
{
	const uint16_t number = guest_variant() ? UHYVE_SHARED_MEM_CLOSE
						: UHYVE_SHARED_MEM_OPEN;
	TEST("UHY-SHM-001", "all bits, the highest bit") {
		uhyve_call(number, UINT64_MAX);
		uhyve_call(number, UINT64_C(1) << 63);
		expect(true);
	}
}
