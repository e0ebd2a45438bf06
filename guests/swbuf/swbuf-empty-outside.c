/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "len 0 with a buffer outside RAM writes nothing",
	tap = false,
	stdout = { text = "{response}\n[]", id = "UHY-SWBUF-004" },
	variants = ["zero", "behind-ram", "bit-52", "last"]
)

void guest_main(void)
{
	const uint64_t addresses[] = {0, ram_end(), 1ull << 52, UINT64_MAX};
	say("%x", guest_response());
	console_write("[", 1);
	console_write((const void *)(uintptr_t)FOR_VARIANT(addresses), 0);
	console_write("]", 1);
	uhyve_exit(0);
}
