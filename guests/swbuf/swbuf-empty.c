/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "len 0 with a buffer in RAM writes nothing",
	tap = false,
	stdout = { text = "{response}\n[]", id = "UHY-SWBUF-003" }
)

void guest_main(void)
{
	say("%x", guest_response());
	console_write("[", 1);
	console_write("not written", 0);
	console_write((const void *)(uintptr_t)(ram_end() - 1), 0);
	console_write("]", 1);
	uhyve_exit(0);
}
