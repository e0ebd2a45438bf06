/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a file is created, written, read back and closed",
	also = [3],
	after = [{ path = "data/out.txt", content = "works\n", id = "UHY-WRITE-003" }]
)

void guest_main(void)
{
	int32_t fd = UNANSWERED;
	TEST("UHY-OPEN-005", "O_CREAT creates a missing file") {
		fd = file_open("/data/out.txt", UHYVE_O_CREAT | UHYVE_O_WRONLY,
			       0644);
		expect_between(fd, 3, INT32_MAX);
	}
	TEST("UHY-WRITE-003", "all bytes are written") {
		expect_eq(file_write(fd, "works\n", 6), 6);
	}
	TEST("UHY-CLOSE-001", "an open descriptor is closed") {
		expect_eq(file_close(fd), 0);
	}
}
