/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "a directory is listed in parts",
	needs = ["interface-3"],
	files = {
		"data/d/a" = "", "data/d/b" = "", "data/d/c" = "",
		"data/d/a-name-of-forty-bytes-with-its-nul-here" = ""
	}
)

#define LONG "a-name-of-forty-bytes-with-its-nul-here"

static uint8_t buf[512] __attribute__((aligned(8)));

static void rewind(int32_t fd)
{
	expect_eq(file_lseek(fd, 0, UHYVE_SEEK_SET), 0);
}

void guest_main(void)
{
	int32_t fd = file_open("/data/d", UHYVE_O_DIRECTORY, 0);
	int32_t other = file_open("/data/d", UHYVE_O_DIRECTORY, 0);
	TEST("UHY-DENTS-005", "one record at a time, each entry once") {
		expect_eq(dir_count(fd, "b", 72), 1);
	}
	TEST("UHY-DENTS-014", "from the beginning again") {
		/* Another position means nothing, and is an error or not. */
		file_lseek(fd, 0, UHYVE_SEEK_CUR);
		rewind(fd);
		expect_eq(dir_count(fd, "a", 72), 1);
		rewind(fd);
		expect_eq(dir_count(fd, "c", sizeof(buf)), 1);
		rewind(fd);
		expect_eq(dir_count(fd, LONG, 64), 1);
	}
	TEST("UHY-DENTS-013", "another descriptor") {
		expect_eq(dir_count(other, "a", 512), 1);
	}
	int64_t n;
	TEST("UHY-DENTS-020", "too small for the next record") {
		rewind(fd);
		expect_eq(dir_read(fd, buf, 1), -UHYVE_EINVAL);
		expect_eq(dir_read(fd, buf, 23), -UHYVE_EINVAL);
		/* Up to the long name, which needs 64 bytes. */
		do
			n = dir_read(fd, buf, 32);
		while (n > 0);
		expect_eq(n, -UHYVE_EINVAL);
	}
	TEST("UHY-DENTS-027", "length 0") {
		expect_eq(dir_read(fd, buf, 0), -UHYVE_EINVAL);
	}
	TEST("UHY-DENTS-021", "nothing is lost by that") {
		expect_eq(dir_count(fd, LONG, 64), 1);
	}
}
