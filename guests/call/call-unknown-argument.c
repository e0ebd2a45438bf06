/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the argument of a number that is not offered has no meaning",
	variants = ["outside-ram", "bit-52", "bit-63", "all-ones"]
)

void guest_main(void)
{
	const uint64_t arguments[] = {0x1000, 1ull << 52, 1ull << 63,
				      UINT64_MAX};
	TEST("UHY-CALL-052", "the guest continues") {
		uhyve_call(0x1ff0, FOR_VARIANT(arguments));
		expect(true);
	}
}
