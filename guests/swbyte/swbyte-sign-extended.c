/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "bits 52 to 63 of the argument",
	tap = false,
	stdout = { text = "{response}\n", hex = "e9e8e7", id = "UHY-SWBYTE-004" }
)

void guest_main(void)
{
	say("%x", guest_response());
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, (uint64_t)(int8_t)0xe9);
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, 0xe8 | 1ull << 52);
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, 0xe7 | 1ull << 63);
	uhyve_exit(0);
}
