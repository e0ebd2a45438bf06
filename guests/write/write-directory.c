/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "writing to a directory",
	files = { "data/sub" = { dir = true } }
)

void guest_main(void)
{
	int32_t fd = file_open("/data/sub", UHYVE_O_DIRECTORY, 0);
	TEST("UHY-WRITE-034", "the descriptor of a directory") {
		expect_one_of(file_write(fd, "x", 1), -UHYVE_EBADF,
			      -UHYVE_EISDIR);
	}
}
