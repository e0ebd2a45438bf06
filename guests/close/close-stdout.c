/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "standard output works after FileClose of 1",
	tap = false,
	stdout = { text = "before\nafter {response}\n", id = "UHY-CLOSE-006" }
)

void guest_main(void)
{
	file_write(1, "before\n", 7);
	file_close(1);
	file_write(1, "after ", 6);
	say("%x", guest_response());
	uhyve_exit(0);
}
