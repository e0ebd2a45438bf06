/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "positions above 4 GiB",
	files = { "data/sparse" = { size = 5368709121 } }
)

#define FIVE_GIB (INT64_C(5) << 30)

void guest_main(void)
{
	char byte = 1;
	int32_t fd = file_open("/data/sparse", UHYVE_O_RDONLY, 0);
	TEST("UHY-LSEEK-008", "5 GiB from the beginning and from the end") {
		expect_eq(file_lseek(fd, FIVE_GIB, UHYVE_SEEK_SET), FIVE_GIB);
		expect_eq(file_read(fd, &byte, 1), 1);
		expect_eq(byte, 0);
		expect_eq(file_read(fd, &byte, 1), 0);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), FIVE_GIB + 1);
		expect_eq(file_lseek(fd, -1 - FIVE_GIB, UHYVE_SEEK_END), 0);
		expect_eq(file_lseek(fd, FIVE_GIB - 1, UHYVE_SEEK_CUR),
			  FIVE_GIB - 1);
		expect_eq(file_lseek(fd, FIVE_GIB, UHYVE_SEEK_END),
			  2 * FIVE_GIB + 1);
	}
}
