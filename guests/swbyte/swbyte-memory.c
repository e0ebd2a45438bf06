/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "SerialWriteByte changes no memory"
)

void guest_main(void)
{
	static uint8_t memory[256] __attribute__((aligned(256)));
	memset(memory, 0xa5, sizeof(memory));
	TEST("UHY-SWBYTE-006", "memory at the argument") {
		/* The low byte of the address is 0x0a, a newline. */
		uhyve_call_block(UHYVE_SERIAL_WRITE_BYTE, &memory['\n']);
		expect_filled(memory, 0xa5, sizeof(memory));
	}
}
