/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "input.h"

GUEST(
	summary = "a call instruction takes no input",
	needs = ["serial-read-byte"],
	stdin = "ab"
)

void guest_main(void)
{
	TEST("UHY-SRBYTE-009", "both bytes are still there") {
		for (int i = 0; i < 5; i++)
			uhyve_call(UHYVE_SERIAL_READ_BYTE, 0);
		expect_eq(input_byte(), 'a');
		for (int i = 0; i < 5; i++)
			uhyve_call(UHYVE_SERIAL_READ_BYTE, 0);
		expect_eq(input_byte(), 'b');
	}
}
