/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "what FileLseek refuses",
	files = { "data/f" = "0123456789" }
)

static void expect_position_or_error(int64_t position)
{
	expect_between(position, -UHYVE_ERRNO_MAX, INT64_MAX);
}

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	int64_t data = UNANSWERED, hole = UNANSWERED;
	file_lseek(fd, 4, UHYVE_SEEK_SET);
	TEST("UHY-LSEEK-020", "a negative position") {
		expect_eq(file_lseek(fd, -1, UHYVE_SEEK_SET), -UHYVE_EINVAL);
		expect_eq(file_lseek(fd, -5, UHYVE_SEEK_CUR), -UHYVE_EINVAL);
		expect_eq(file_lseek(fd, -11, UHYVE_SEEK_END), -UHYVE_EINVAL);
	}
	TEST("UHY-LSEEK-023", "whence above 4") {
		expect_eq(file_lseek(fd, 0, 5), -UHYVE_EINVAL);
		expect_eq(file_lseek(fd, 0, 0x10000), -UHYVE_EINVAL);
		expect_eq(file_lseek(fd, 0, 0x80000000), -UHYVE_EINVAL);
		expect_eq(file_lseek(fd, 0, 0xffffffff), -UHYVE_EINVAL);
	}
	TEST("UHY-LSEEK-022", "a position above the largest number") {
		expect_one_of(file_lseek(fd, INT64_MAX, UHYVE_SEEK_CUR),
			      -UHYVE_EINVAL, -UHYVE_EOVERFLOW);
		expect_one_of(file_lseek(fd, INT64_MAX, UHYVE_SEEK_END),
			      -UHYVE_EINVAL, -UHYVE_EOVERFLOW);
	}
	TEST("UHY-LSEEK-021", "the position after errors") {
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 4);
	}
	TEST("UHY-LSEEK-026", "the largest and the smallest offset") {
		expect_position_or_error(
			file_lseek(fd, INT64_MAX, UHYVE_SEEK_SET));
		expect_error(file_lseek(fd, INT64_MIN, UHYVE_SEEK_SET));
		expect_error(file_lseek(fd, INT64_MIN, UHYVE_SEEK_END));
	}
	TEST("UHY-LSEEK-025", "SEEK_DATA and SEEK_HOLE") {
		data = file_lseek(fd, 3, UHYVE_SEEK_DATA);
		hole = file_lseek(fd, 3, UHYVE_SEEK_HOLE);
		expect_one_of(data, 3, -UHYVE_EINVAL);
		expect_one_of(hole, 10, -UHYVE_EINVAL);
	}
	TEST("UHY-LSEEK-024", "both of them or none") {
		expect((data < 0) == (hole < 0));
	}
}
