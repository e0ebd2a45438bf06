/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "descriptor 2 takes all bytes, preferably to the console",
	tap = false,
	stdout = { text = "out err {response}\n", id = "UHY-WRITE-037" },
	status = { code = 4, id = "UHY-WRITE-036" }
)

void guest_main(void)
{
	console_write("out ", 4);
	int64_t n = file_write_some(2, "err ", 4);
	say("%x", guest_response());
	uhyve_exit(n == 4 ? 4 : 1);
}
