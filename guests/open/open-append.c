/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "O_APPEND writes at the end wherever the position is",
	files = { "data/f" = "0123", "data/g" = "0123", "data/h" = "0123", "data/far" = "0123" },
	after = [
		{ path = "data/f", content = "0123ab", id = "UHY-OPEN-033" },
		{ path = "data/g", content = "0123cdXe", id = "UHY-OPEN-034" },
		{ path = "data/h", content = "0123!", id = "UHY-OPEN-035" },
		{ path = "data/far", content = "0123z", id = "UHY-OPEN-034" }
	]
)

#define APPEND (UHYVE_O_APPEND | UHYVE_O_RDWR)

void guest_main(void)
{
	char found[4] = "";
	int32_t fd = UNANSWERED;
	TEST("UHY-OPEN-033", "right after opening") {
		fd = file_open("/data/f", APPEND, 0);
		expect_fd(fd);
		expect_eq(file_write(fd, "a", 1), 1);
		expect_eq(file_write(fd, "b", 1), 1);
	}
	TEST("UHY-OPEN-034",
	     "after FileLseek, and after another descriptor's bytes") {
		fd = file_open("/data/g", APPEND, 0);
		int32_t other = file_open("/data/g", UHYVE_O_WRONLY, 0);
		expect_eq(file_lseek(fd, 1, UHYVE_SEEK_SET), 1);
		expect_eq(file_write(fd, "cd", 2), 2);
		expect_eq(file_lseek(other, 0, UHYVE_SEEK_END), 6);
		expect_eq(file_write(other, "X", 1), 1);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_SET), 0);
		expect_eq(file_write(fd, "e", 1), 1);
		/* Also from the last position that the host has. */
		fd = file_open("/data/far", APPEND, 0);
		for (int64_t at = INT64_MAX;
		     file_lseek(fd, at, UHYVE_SEEK_SET) < 0; at /= 2)
			if (at < 8)
				break;
		expect_eq(file_write(fd, "z", 1), 1);
	}
	TEST("UHY-OPEN-036", "reads begin at the position") {
		fd = file_open("/data/h", APPEND, 0);
		expect_eq(file_read(fd, found, 2), 2);
		expect_bytes(found, "01", 2);
	}
	TEST("UHY-OPEN-035", "the position after a write") {
		expect_eq(file_write(fd, "!", 1), 1);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 5);
	}
}
