/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "large reads, and bytes that were never written",
	files = { "data/big" = { content = "begin", size = 8388611 } }
)

#define LARGE (5u << 20)

void guest_main(void)
{
	uint8_t *buf = ram_tail(LARGE + 1);
	int32_t fd = file_open("/data/big", UHYVE_O_RDONLY, 0);
	TEST("UHY-READ-007", "5 MiB in one call") {
		buf[LARGE] = 0xee;
		expect_eq(file_read(fd, buf, LARGE), LARGE);
		expect_bytes(buf, "begin", 5);
		expect_eq(buf[LARGE], 0xee);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), LARGE);
	}
	TEST("UHY-READ-011", "a hole reads as 0") {
		memset(buf + LARGE - 64, 0xee, 64);
		expect_eq(file_read(fd, buf + LARGE - 64, 64), 64);
		expect_filled(buf + LARGE - 64, 0, 64);
		expect_eq(file_lseek(fd, -3, UHYVE_SEEK_END), 8388608);
		memset(buf, 0xee, 4);
		expect_eq(file_read(fd, buf, 4), 3);
		expect_bytes(buf, "\0\0\0\xee", 4);
	}
}
