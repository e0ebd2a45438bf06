/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "large counts and high positions",
	after = [{ path = "data/big", size = 5242880, id = "UHY-WRITE-002" }]
)

#define LARGE (5u << 20)
#define HIGH ((INT64_C(4) << 30) + 1)
#define CREATE (UHYVE_O_CREAT | UHYVE_O_RDWR)

void guest_main(void)
{
	int32_t fd = UNANSWERED;
	char found[4] = "";
	TEST("UHY-WRITE-002", "5 MiB in one call") {
		fd = file_open("/data/big", CREATE, 0644);
		expect_eq(file_write_some(fd, ram_tail(LARGE), LARGE), LARGE);
	}
	TEST("UHY-WRITE-008", "beyond 2 GiB and beyond 4 GiB") {
		fd = file_open("/data/high", CREATE, 0644);
		file_unlink("/data/high"); /* the host need not keep it */
		expect_eq(file_lseek(fd, HIGH, UHYVE_SEEK_SET), HIGH);
		expect_eq(file_write(fd, "ab", 2), 2);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), HIGH + 2);
		expect_eq(file_lseek(fd, HIGH / 2, UHYVE_SEEK_SET), HIGH / 2);
		expect_eq(file_write(fd, "cd", 2), 2);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_END), HIGH + 2);
		expect_eq(file_lseek(fd, HIGH, UHYVE_SEEK_SET), HIGH);
		expect_eq(file_read(fd, found, 4), 2);
		expect_bytes(found, "ab", 2);
		expect_eq(file_lseek(fd, 1, UHYVE_SEEK_SET), 1);
		expect_eq(file_read(fd, found, 2), 2);
		expect_bytes(found, "\0\0", 2);
	}
}
