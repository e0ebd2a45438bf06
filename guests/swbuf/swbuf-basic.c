/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "SerialWriteBuffer writes len bytes at buf",
	tap = false,
	stdout = { text = "{response}\nhello, console\n", id = "UHY-SWBUF-001" },
	foundation = true
)

void guest_main(void)
{
	say("%x", guest_response());
	console_write("hello, ", 7);
	console_write("consolexyz", 7);
	console_write("\n", 1);
	uhyve_exit(0);
}
