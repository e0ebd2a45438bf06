/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "each call is performed once"
)

void guest_main(void)
{
	TEST("UHY-CALL-002", "n writes of a byte move the position by n") {
		int32_t fd = file_open("/data/once",
				       UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
		for (int n = 1; n <= 5; n++) {
			expect_eq(file_write(fd, "x", 1), 1);
			expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), n);
		}
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_END), 5);
	}
	TEST("UHY-CALL-002", "one FileOpen takes one descriptor") {
		int32_t fd = file_open("/data/once", UHYVE_O_RDONLY, 0);
		expect_eq(file_close(fd), 0);
		expect_eq(file_close(fd), -UHYVE_EBADF);
	}
}
