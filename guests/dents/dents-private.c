/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "a private directory is listed",
	needs = ["interface-3"]
)

void guest_main(void)
{
	TEST("UHY-DENTS-012", "entries of a private directory") {
		expect_eq(dir_make("/private"), 0);
		expect_fd(file_open("/private/a", UHYVE_O_CREAT | UHYVE_O_RDWR,
				    0644));
		expect_eq(dir_make("/private/b"), 0);
		int32_t fd = file_open("/private", UHYVE_O_DIRECTORY, 0);
		expect_fd(fd);
		expect_eq(dir_count(fd, "a", 512), 1);
		fd = file_open("/private", UHYVE_O_DIRECTORY, 0);
		expect_eq(dir_count(fd, "b", 512), 1);
	}
}
