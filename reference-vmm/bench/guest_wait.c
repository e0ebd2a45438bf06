/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads standard input to its end: lets one look at the waiting hypervisor. */
#include "test.h"

GUEST(summary = "waits", tap = false)

void guest_main(void)
{
	static uint8_t byte;
	say("waiting");
	while (file_read(0, &byte, 1) > 0)
		;
	uhyve_exit(0);
}
