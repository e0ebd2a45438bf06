/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "input that is open and brings nothing",
	needs = ["serial-read-byte"],
	stdin = { hold = true }
)

void guest_main(void)
{
	TEST("UHY-SRBYTE-005", "the guest does not wait") {
		for (int i = 0; i < 10; i++)
			expect_eq(uhyve_read(UHYVE_SERIAL_READ_BYTE),
				  UHYVE_SERIAL_NO_BYTE);
	}
}
