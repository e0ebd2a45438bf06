/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "private names are removed, host files of the same name not",
	files = { "secret" = "kept", "data/f" = "" },
	after = [{ path = "secret", content = "kept", id = "UHY-UNLINK-014" }]
)

#define CREATE (UHYVE_O_CREAT | UHYVE_O_RDWR)

void guest_main(void)
{
	TEST("UHY-UNLINK-005", "a missing private name") {
		expect_eq(file_unlink("/nothing"), -UHYVE_ENOENT);
		expect_eq(file_unlink("/no/thing"), -UHYVE_ENOENT);
	}
	TEST("UHY-UNLINK-014", "names of host files") {
		expect_eq(file_unlink("/secret"), -UHYVE_ENOENT);
		expect_eq(file_unlink("secret"), -UHYVE_ENOENT);
		expect_eq(file_unlink("/data/../secret"), -UHYVE_ENOENT);
	}
	TEST("UHY-UNLINK-016", "a private file") {
		int32_t fd = file_open("/private", CREATE, 0644);
		expect_eq(file_write(fd, "old", 3), 3);
		expect_eq(file_unlink("/private"), 0);
		expect_eq(file_open("/private", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_unlink("/private"), -UHYVE_ENOENT);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_END), 3);
		fd = file_open("/private", CREATE | UHYVE_O_EXCL, 0644);
		expect_fd(fd);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_END), 0);
	}
}
