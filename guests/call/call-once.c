/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "each call is performed once and in order",
	requirements = ["UHY-CALL-002", "UHY-CALL-008"],
	after = [{ path = "data/order", content = "abcdefgh", id = "UHY-CALL-008" }]
)

void guest_main(void)
{
	plan(3);
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
	TEST("UHY-CALL-008", "writes follow each other") {
		int32_t fd = file_open("/data/order",
				       UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
		char read[8] = {0};
		for (const char *c = "abcdefgh"; *c; c++)
			file_write(fd, c, 1);
		file_lseek(fd, 0, UHYVE_SEEK_SET);
		expect_eq(file_read(fd, read, 8), 8);
		expect_bytes(read, "abcdefgh", 8);
	}
}
