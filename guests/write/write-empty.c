/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "length 0 writes nothing",
	files = { "data/f" = "0123456789" },
	after = [
		{ path = "data/f", content = "0123456789", id = "UHY-WRITE-021" }
	]
)

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	TEST("UHY-WRITE-020", "length 0") {
		expect_eq(file_write(fd, "x", 0), 0);
	}
	TEST("UHY-WRITE-021", "file and position stay, also beyond the end") {
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 0);
		expect_eq(file_lseek(fd, 100, UHYVE_SEEK_SET), 100);
		expect_eq(file_write(fd, "x", 0), 0);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 100);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_END), 10);
	}
}
