/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "descriptor 1 is the console, in order with the serial calls",
	tap = false,
	stdout = {
		text = "serial 1 file 2 serial 3 counts {response}\n",
		id = "UHY-WRITE-035"
	},
	status = { code = 22, id = "UHY-WRITE-039" }
)

void guest_main(void)
{
	int64_t n = 0;
	console_write("serial 1 ", 9);
	n += file_write_some(1, "file 2 ", 7);
	console_write("serial 3 ", 9);
	n += file_write_some(1, "counts", 6);
	n += file_write_some(1, " ", 1);
	say("%x", guest_response());
	uhyve_exit(n == 14 ? 22 : 1);
}
