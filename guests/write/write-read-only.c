/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "writing to a descriptor for reading",
	files = { "data/f" = "0123456789" },
	after = [
		{ path = "data/f", content = "0123456789", id = "UHY-WRITE-033" }
	]
)

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	TEST("UHY-WRITE-033", "opened with O_RDONLY") {
		expect_eq(file_write(fd, "x", 1), -UHYVE_EBADF);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 0);
	}
}
