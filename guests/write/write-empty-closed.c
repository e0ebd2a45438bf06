/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "length 0 to descriptors that are not open",
	variants = ["closed", "never-opened"],
	files = { "data/f" = "0123456789" }
)

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	file_close(fd);
	if (guest_variant() == 1)
		fd = INT32_MAX;
	TEST("UHY-WRITE-023", "length 0") {
		expect_eq(file_write(fd, "x", 0), -UHYVE_EBADF);
	}
}
