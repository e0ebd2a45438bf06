/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "input.h"
#include "raw.h"

GUEST(
	summary = "layout of the block of SerialReadBuffer",
	needs = ["serial-read-buffer"],
	stdin = "abcdefgh"
)

void guest_main(void)
{
	static uint8_t block[24] __attribute__((aligned(8))), buffer[8];
	TEST("UHY-BLOCK-003", "SerialReadBuffer: maxlen 0, len 8, buf 16") {
		/* The host may send it later than the guest asks. */
		for (int i = 0; i < INPUT_PATIENCE; i++) {
			put(block, 0, 8, 3);
			put(block, 8, 8, 0x5a5a5a5a5a5a5a5a);
			put(block, 16, 8, address(buffer));
			call(0x1050, block);
			if (get(block, 8, 8))
				break;
		}
		expect_between(get(block, 8, 8), 1, 3);
		expect_eq(buffer[0], 'a');
		expect_eq(buffer[3], 0);
	}
}
