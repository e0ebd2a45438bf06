/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "raw.h"

GUEST(
	summary = "layout of the block of SerialWriteBuffer",
	tap = false,
	stdout = { text = "{response}\nhello", id = "UHY-BLOCK-002" }
)

void guest_main(void)
{
	static uint8_t block[16] __attribute__((aligned(8)));
	say("%x", guest_response());
	put(block, 0, 8, 5);
	put(block, 8, 8, address("hello, world"));
	uhyve_call_block(0x1030, block);
	uhyve_exit(0);
}
