/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "input.h"

GUEST(
	summary = "probes for SerialReadBuffer",
	probe = "serial-read-buffer",
	stdin = "x"
)

void guest_main(void)
{
	static uint8_t buffer[8];
	TEST("UHY-SRBUF-002", "the only byte of input") {
		expect_eq(input_all(buffer, 1, 1), 1);
		expect_eq(buffer[0], 'x');
	}
}
