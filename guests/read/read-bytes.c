/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "bytes, counts and positions of FileRead",
	files = { "data/f" = "0123456789" }
)

#define UNTOUCHED 0xee

static uint8_t buf[64];

/* Reads into buf + 8 and gives the result. */
static int64_t read_at_8(int32_t fd, uint64_t len)
{
	memset(buf, UNTOUCHED, sizeof(buf));
	return file_read(fd, buf + 8, len);
}

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	TEST("UHY-READ-001", "the bytes at the position") {
		expect_eq(read_at_8(fd, 4), 4);
		expect_bytes(buf + 8, "0123", 4);
	}
	TEST("UHY-READ-002", "no more than len") {
		expect_between(read_at_8(fd, 1), 0, 1);
		expect_filled(buf + 9, UNTOUCHED, 16);
	}
	TEST("UHY-READ-004", "the position moves by the count") {
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 5);
		expect_eq(read_at_8(fd, 2), 2);
		expect_bytes(buf + 8, "56", 2);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 7);
	}
	TEST("UHY-READ-009", "fewer bytes than len: all of them") {
		expect_eq(read_at_8(fd, 40), 3);
		expect_bytes(buf + 8, "789", 3);
	}
	TEST("UHY-READ-008", "the rest of the buffer stays") {
		expect_filled(buf, UNTOUCHED, 8);
		expect_filled(buf + 11, UNTOUCHED, sizeof(buf) - 11);
	}
	TEST("UHY-READ-005", "the end") {
		expect_eq(read_at_8(fd, 40), 0);
		expect_eq(read_at_8(fd, 1), 0);
		expect_filled(buf, UNTOUCHED, sizeof(buf));
	}
	TEST("UHY-READ-006", "beyond the end") {
		expect_eq(file_lseek(fd, 1000, UHYVE_SEEK_SET), 1000);
		expect_eq(read_at_8(fd, 40), 0);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 1000);
		/* Also at the last position that the host has. */
		for (int64_t at = INT64_MAX;
		     at > 1000 && file_lseek(fd, at, UHYVE_SEEK_SET) < 0;)
			at /= 2;
		expect_eq(read_at_8(fd, 40), 0);
	}
}
