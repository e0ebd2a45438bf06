/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "input.h"

GUEST(
	summary = "probes for SerialReadByte",
	probe = "serial-read-byte",
	stdin = "x"
)

void guest_main(void)
{
	TEST("UHY-SRBYTE-001", "the only byte of input") {
		expect_eq(input_byte(), 'x');
	}
}
