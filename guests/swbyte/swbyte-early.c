/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "bytes without a newline, from a guest that continues",
	tap = false,
	timeout = 5,
	stdout = { text = "{response}\n> ", early = true, id = "UHY-SWBYTE-007" }
)

void guest_main(void)
{
	say("%x", guest_response());
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, '>');
	uhyve_call(UHYVE_SERIAL_WRITE_BYTE, ' ');
	for (;;)
		;
}
