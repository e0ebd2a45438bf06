/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer without a newline, from a guest that continues",
	tap = false,
	timeout = 5,
	stdout = { text = "{response}\nprompt> ", early = true, id = "UHY-SWBUF-011" }
)

void guest_main(void)
{
	say("%x", guest_response());
	console_write("prompt> ", 8);
	for (;;)
		;
}
