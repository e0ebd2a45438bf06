/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "input.h"

GUEST(
	summary = "SerialReadBuffer returns, offered or not",
	stdin = "x"
)

void guest_main(void)
{
	static uint8_t buffer[8];
	TEST("UHY-SRBUF-001", "the guest continues") {
		uint64_t len = input_some(buffer, sizeof(buffer));
		expect(len == UINT64_MAX || len <= sizeof(buffer));
	}
}
