/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a console that takes no byte",
	tap = false,
	console_full = true,
	status = { code = 42, id = "UHY-SWBYTE-008" }
)

void guest_main(void)
{
	for (const char *c = "two\nlines\n"; *c; c++)
		uhyve_call(UHYVE_SERIAL_WRITE_BYTE, (uint8_t)*c);
	uhyve_exit(42);
}
