/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "SerialWriteBuffer changes neither its block nor its buffer"
)

void guest_main(void)
{
	static uint8_t memory[256];
	static const char text[] = "# a line of the console\n";
	struct uhyve_serial_write_params *block = (void *)(memory + 64), before;
	memset(memory, 0xa5, sizeof(memory));
	memcpy(memory + 128, text, sizeof(text) - 1);
	before = *block = (struct uhyve_serial_write_params){
		sizeof(text) - 1, uhyve_gpa_of(memory + 128)};
	TEST("UHY-SWBUF-006", "block, buffer and what is around them") {
		call(UHYVE_SERIAL_WRITE_BUFFER, block);
		expect_bytes(block, &before, sizeof(before));
		expect_bytes(memory + 128, text, sizeof(text) - 1);
		expect_filled(memory, 0xa5, 64);
		expect_filled(memory + 64 + sizeof(before), 0xa5,
			      64 - sizeof(before));
		expect_filled(memory + 128 + sizeof(text) - 1, 0xa5,
			      128 - sizeof(text) + 1);
	}
}
