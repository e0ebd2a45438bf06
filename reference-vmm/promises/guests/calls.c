/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Never stops calling, and spins a moment between two calls. */
#include "test.h"

GUEST(summary = "calls and calls", tap = false)

void guest_main(void)
{
	console_write("ready\n", 6);
	for (;;) {
		file_lseek(0, 0, 0);
		for (volatile unsigned i = 0; i < 1000; i++)
			;
	}
}
