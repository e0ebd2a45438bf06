/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "bytes, counts and positions of FileWrite",
	files = {
		"data/f" = "0123456789", "data/closed" = "", "data/gap" = "ab"
	},
	after = [
		{ path = "data/f", content = "01WXYZ6789!",
		  id = "UHY-WRITE-005" },
		{ path = "data/f", size = 11, id = "UHY-WRITE-012" },
		{ path = "data/closed", content = "closed",
		  id = "UHY-WRITE-012" },
		{ path = "data/gap", hex = "616200000000007a",
		  id = "UHY-WRITE-007" }
	]
)

void guest_main(void)
{
	uint8_t text[8] = "WXYZ", found[16];
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	int32_t other = file_open("/data/f", UHYVE_O_RDONLY, 0);
	int32_t gap = file_open("/data/gap", UHYVE_O_RDWR, 0);
	int64_t n;
	TEST("UHY-WRITE-001", "a count from 1 to len") {
		file_lseek(fd, 2, UHYVE_SEEK_SET);
		expect_between(file_write_some(fd, text, 1), 1, 1);
		n = file_write_some(fd, text + 1, 2);
		expect_between(n, 1, 2);
		expect_eq(file_write(fd, text + 1 + n, (uint64_t)(3 - n)),
			  3 - n);
	}
	TEST("UHY-WRITE-002", "all of len") {
		expect_eq(file_lseek(fd, 2, UHYVE_SEEK_SET), 2);
		n = file_write_some(fd, text, 4);
		expect_eq(n, 4);
		if (n >= 0 && n < 4)
			file_write(fd, text + n, (uint64_t)(4 - n));
	}
	TEST("UHY-WRITE-004", "the position moves by the count") {
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 6);
	}
	TEST("UHY-WRITE-011", "seen through another descriptor") {
		expect_eq(file_read(other, found, 16), 10);
		expect_bytes(found + 2, "WXYZ", 4);
	}
	TEST("UHY-WRITE-005", "the bytes around stay") {
		expect_bytes(found, "01", 2);
		expect_bytes(found + 6, "6789", 4);
		expect_eq(file_read(fd, found, 1), 1);
		expect_bytes(found, "6", 1);
	}
	TEST("UHY-WRITE-003", "at the end of the file") {
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_END), 10);
		expect_eq(file_write(fd, "!", 1), 1);
		expect_eq(file_read(other, found, 16), 1);
		expect_bytes(found, "!", 1);
	}
	TEST("UHY-WRITE-007", "a gap reads as 0") {
		expect_eq(file_lseek(gap, 7, UHYVE_SEEK_SET), 7);
		expect_eq(file_write(gap, "z", 1), 1);
		expect_eq(file_lseek(gap, 0, UHYVE_SEEK_SET), 0);
		expect_eq(file_read(gap, found, 16), 8);
		expect_bytes(found, "ab\0\0\0\0\0z", 8);
	}
	TEST("UHY-WRITE-012", "in the host file; the host looks") {
		int32_t closed = file_open("/data/closed", UHYVE_O_WRONLY, 0);
		expect_eq(file_write(closed, "closed", 6), 6);
		expect_eq(file_close(closed), 0);
	}
}
