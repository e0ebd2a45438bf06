/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "what Getdents refuses",
	needs = ["interface-3"],
	files = { "data/d/f" = "" }
)

static uint8_t buf[256];

static void *address(uint64_t gpa)
{
	return (void *)(uintptr_t)gpa;
}

void guest_main(void)
{
	int32_t fd = file_open("/data/d", UHYVE_O_DIRECTORY, 0);
	int32_t file = file_open("/data/d/f", UHYVE_O_RDONLY, 0);
	TEST("UHY-DENTS-025", "a buffer outside RAM") {
		expect_eq(dir_read(fd, address(0), 64), -UHYVE_EFAULT);
		expect_eq(dir_read(fd, address(ram_start() - 1), 64),
			  -UHYVE_EFAULT);
		expect_eq(dir_read(fd, address(ram_end()), 64), -UHYVE_EFAULT);
		expect_eq(dir_read(fd, address(UINT64_MAX), 64), -UHYVE_EFAULT);
	}
	TEST("UHY-DENTS-021", "no entry was lost") {
		expect_eq(dir_count(fd, "f", 256), 1);
	}
	TEST("UHY-DENTS-033", "a regular file") {
		expect_error(dir_read(file, buf, 256));
	}
	TEST("UHY-DENTS-035", "0, 1 and 2") {
		for (int32_t i = 0; i < 3; i++)
			expect_error(dir_read(i, buf, 256));
	}
	TEST("UHY-DENTS-034", "a regular file: ENOTDIR") {
		expect_eq(dir_read(file, buf, 256), -UHYVE_ENOTDIR);
	}
}
