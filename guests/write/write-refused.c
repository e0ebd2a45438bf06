/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "FileWrite to a console that takes nothing",
	tap = false,
	console_full = true,
	status = { code = 42, id = "UHY-WRITE-057" }
)

void guest_main(void)
{
	file_write(1, "a line\n", 7);
	file_write(1, "and a part", 10);
	uhyve_exit(42);
}
