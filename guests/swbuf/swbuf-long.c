/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer of 128 KiB, page after page",
	tap = false,
	stdout = { text = "{response}\n", hex = "30313233343536373839616263646566", times = 8192, id = "UHY-SWBUF-005" }
)

void guest_main(void)
{
	uint8_t *buffer = ram_tail(0x20000);
	for (unsigned i = 0; i < 0x20000 / 8; i += 2) {
		((uint64_t *)buffer)[i] = 0x3736353433323130;
		((uint64_t *)buffer)[i + 1] = 0x6665646362613938;
	}
	say("%x", guest_response());
	console_write(buffer, 0x20000);
	uhyve_exit(0);
}
