/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Says "ready" and waits for the end of standard input; then status 42. */
#include "test.h"

GUEST(summary = "waits", tap = false)

void guest_main(void)
{
	static uint8_t byte;

	console_write("ready\n", 6);
	while (file_read(0, &byte, 1) > 0)
		;
	uhyve_exit(42);
}
