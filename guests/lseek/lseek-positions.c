/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "where FileLseek moves the position",
	also = [3],
	files = { "data/f" = "0123456789", "data/g" = "0123456789" },
	after = [
		{ path = "data/f", content = "01234567!9", id = "UHY-LSEEK-005" },
		{ path = "data/g", size = 10, id = "UHY-LSEEK-007" }
	]
)

/* The byte that FileRead finds at the position; it moves the position by 1. */
static int next_byte(int32_t fd)
{
	unsigned char byte = 0;
	return file_read(fd, &byte, 1) == 1 ? byte : -1;
}

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	int32_t other = file_open("/data/f", UHYVE_O_RDWR, 0);
	int32_t g = file_open("/data/g", UHYVE_O_RDWR, 0);
	TEST("UHY-LSEEK-001", "SEEK_SET") {
		file_lseek(fd, 7, UHYVE_SEEK_SET);
		expect_eq(next_byte(fd), '7');
		file_lseek(fd, 0, UHYVE_SEEK_SET);
		expect_eq(next_byte(fd), '0');
	}
	TEST("UHY-LSEEK-002", "SEEK_CUR, forwards and backwards") {
		file_lseek(fd, 4, UHYVE_SEEK_CUR);
		expect_eq(next_byte(fd), '5');
		file_lseek(fd, -4, UHYVE_SEEK_CUR);
		expect_eq(next_byte(fd), '2');
	}
	TEST("UHY-LSEEK-003", "SEEK_END") {
		file_lseek(fd, -1, UHYVE_SEEK_END);
		expect_eq(next_byte(fd), '9');
		file_lseek(fd, -10, UHYVE_SEEK_END);
		expect_eq(next_byte(fd), '0');
		file_lseek(fd, 0, UHYVE_SEEK_END);
		expect_eq(next_byte(fd), -1);
	}
	TEST("UHY-LSEEK-004", "the position is reported") {
		expect_eq(file_lseek(fd, 3, UHYVE_SEEK_SET), 3);
		expect_eq(file_lseek(fd, 4, UHYVE_SEEK_CUR), 7);
		expect_eq(file_lseek(fd, -7, UHYVE_SEEK_CUR), 0);
		expect_eq(file_lseek(fd, -2, UHYVE_SEEK_END), 8);
	}
	TEST("UHY-LSEEK-005", "FileWrite and FileRead begin there") {
		expect_eq(file_write(fd, "!", 1), 1);
		expect_eq(next_byte(fd), '9');
	}
	TEST("UHY-LSEEK-009", "SEEK_CUR with 0") {
		expect_eq(file_lseek(fd, 6, UHYVE_SEEK_SET), 6);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 6);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 6);
	}
	TEST("UHY-LSEEK-010", "another descriptor of the file") {
		expect_eq(file_lseek(other, 0, UHYVE_SEEK_CUR), 0);
		expect_eq(next_byte(other), '0');
	}
	TEST("UHY-LSEEK-006", "beyond the end") {
		expect_eq(file_lseek(g, 100, UHYVE_SEEK_SET), 100);
		expect_eq(file_lseek(g, 5, UHYVE_SEEK_CUR), 105);
		expect_eq(file_lseek(g, 1, UHYVE_SEEK_END), 11);
	}
	TEST("UHY-LSEEK-007", "the size stays") {
		expect_eq(file_lseek(g, 1000, UHYVE_SEEK_SET), 1000);
		expect_eq(file_lseek(g, 0, UHYVE_SEEK_END), 10);
	}
	TEST("UHY-LSEEK-012", "SEEK_END of a file that grows and is emptied") {
		int32_t new = file_open("/data/h", UHYVE_O_CREAT | UHYVE_O_RDWR,
					0644);
		expect_eq(file_lseek(new, 0, UHYVE_SEEK_END), 0);
		expect_eq(file_write(new, "abc", 3), 3);
		expect_eq(file_lseek(new, 0, UHYVE_SEEK_END), 3);
		file_open("/data/h", UHYVE_O_TRUNC | UHYVE_O_WRONLY, 0);
		expect_eq(file_lseek(new, 0, UHYVE_SEEK_END), 0);
	}
	TEST("UHY-LSEEK-013", "a private file") {
		int32_t mine = file_open("/private",
					 UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
		expect_eq(file_write(mine, "0123456789", 10), 10);
		expect_eq(file_lseek(mine, -3, UHYVE_SEEK_END), 7);
		expect_eq(next_byte(mine), '7');
		expect_eq(file_lseek(mine, -9, UHYVE_SEEK_CUR), -UHYVE_EINVAL);
		expect_eq(file_lseek(mine, 20, UHYVE_SEEK_SET), 20);
		expect_eq(next_byte(mine), -1);
	}
}
