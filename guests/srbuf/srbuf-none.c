/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "input.h"

GUEST(
	summary = "input that is open and brings nothing",
	needs = ["serial-read-buffer"],
	stdin = { hold = true }
)

void guest_main(void)
{
	static uint8_t buffer[8];
	TEST("UHY-SRBUF-007", "the guest does not wait") {
		for (int i = 0; i < 5; i++)
			expect_eq(input_some(buffer, sizeof(buffer)), 0);
	}
}
