/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "what FileClose gives for open and for other descriptors",
	files = {
		"data/f" = "0123456789", "data/gone" = "",
		"data/sub" = { dir = true }
	}
)

void guest_main(void)
{
	char found[8] = "";
	int32_t a = file_open("/data/f", UHYVE_O_RDONLY, 0);
	int32_t b = file_open("/data/f", UHYVE_O_RDWR, 0);
	int32_t fd = UNANSWERED;
	TEST("UHY-CLOSE-001", "an open descriptor") {
		expect_eq(file_read(b, found, 4), 4);
		expect_eq(file_close(a), 0);
	}
	TEST("UHY-CLOSE-007", "the other descriptor of the file") {
		expect_eq(file_read(b, found, 2), 2);
		expect_bytes(found, "45", 2);
	}
	TEST("UHY-CLOSE-012", "an open descriptor after failed calls") {
		expect_eq(file_close(a), -UHYVE_EBADF);
		expect_eq(file_close(INT32_MAX), -UHYVE_EBADF);
		expect_eq(file_read(b, found, 2), 2);
		expect_bytes(found, "67", 2);
	}
	TEST("UHY-CLOSE-008", "a directory") {
		fd = file_open("/data/sub", UHYVE_O_DIRECTORY, 0);
		expect_fd(fd);
		expect_eq(file_close(fd), 0);
		expect_eq(file_close(fd), -UHYVE_EBADF);
	}
	TEST("UHY-CLOSE-009", "an unlinked file") {
		fd = file_open("/data/gone", UHYVE_O_RDWR, 0);
		expect_eq(file_unlink("/data/gone"), 0);
		expect_eq(file_close(fd), 0);
	}
	TEST("UHY-CLOSE-010", "a private file") {
		fd = file_open("/private", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
		expect_fd(fd);
		expect_eq(file_close(fd), 0);
		expect_eq(file_close(fd), -UHYVE_EBADF);
	}
	TEST("UHY-CLOSE-013", "what was written before is there") {
		expect_eq(file_lseek(b, 0, UHYVE_SEEK_SET), 0);
		expect_eq(file_write(b, "ab", 2), 2);
		expect_eq(file_close(b), 0);
		fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
		expect_eq(file_read(fd, found, 4), 4);
		expect_bytes(found, "ab23", 4);
	}
}
