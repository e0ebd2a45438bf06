/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "one byte a call, in the order of the calls",
	tap = false,
	variants = {
		"three" = { stdout = { text = "{response}\naaa", id = "UHY-SWBYTE-001" } },
		"order" = { stdout = { text = "{response}\n0123456789abcdefghijklmnopqrstuvwxyz\n", id = "UHY-SWBYTE-005" } }
	}
)

static void put(const char *text)
{
	for (; *text; text++)
		uhyve_call(UHYVE_SERIAL_WRITE_BYTE, (uint8_t)*text);
}

void guest_main(void)
{
	say("%x", guest_response());
	if (guest_variant() == 0)
		put("aaa");
	else
		put("0123456789abcdefghijklmnopqrstuvwxyz\n");
	uhyve_exit(0);
}
