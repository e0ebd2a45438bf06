/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "bits 8 to 51 of the argument",
	tap = false,
	stdout = { text = "{response}\nabcdefg", id = "UHY-SWBYTE-003" }
)

void guest_main(void)
{
	const uint64_t arguments[] = {'a' | 0x100,           'b' | 0xffffff00,
				      'c' | 1ull << 32,      'd' | 1ull << 51,
				      'e' | 0xfffffffffff00, 'f' | 0x8000,
				      'g' | 0x7fffff00};
	say("%x", guest_response());
	for (unsigned i = 0; i < 7; i++)
		uhyve_call(UHYVE_SERIAL_WRITE_BYTE, arguments[i]);
	uhyve_exit(0);
}
