/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

/* The host's file for descriptor 1 can be read there. */
GUEST(
	summary = "standard output is not for reading, whatever it is",
	tap = false,
	console_full = true,
	status = { code = 42, id = "UHY-READ-039" }
)

void guest_main(void)
{
	char buf[4];
	uhyve_exit(file_read(1, buf, 4) == -UHYVE_EBADF ? 42 : 1);
}
