/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "O_CREAT on missing and existing files",
	also = [3],
	files = { "data/f" = "kept", "data/sub" = { dir = true } },
	after = [
		{ path = "data/new", content = "", id = "UHY-OPEN-005" },
		{ path = "data/sub/new", content = "", id = "UHY-OPEN-005" },
		{ path = "data/f", content = "kept", id = "UHY-OPEN-007" },
		{ path = "data/ro", content = "", id = "UHY-OPEN-022" },
		{ path = "data/locked", content = "x", id = "UHY-OPEN-021" }
	]
)

void guest_main(void)
{
	char found[8] = "";
	TEST("UHY-OPEN-005", "a missing file is created") {
		expect_fd(file_open("/data/new", UHYVE_O_CREAT | UHYVE_O_WRONLY,
				    0644));
		expect_fd(file_open("/data/sub/new",
				    UHYVE_O_CREAT | UHYVE_O_RDWR, 0644));
	}
	int32_t fd;
	TEST("UHY-OPEN-007", "a file that exists keeps its content") {
		fd = file_open("/data/f", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
		expect_fd(fd);
		expect_eq(file_read(fd, found, 8), 4);
		expect_bytes(found, "kept", 4);
	}
	TEST("UHY-OPEN-022", "created for reading") {
		fd = file_open("/data/ro", UHYVE_O_CREAT | UHYVE_O_RDONLY,
			       0644);
		expect_fd(fd);
		expect_eq(file_read(fd, found, 8), 0);
	}
	TEST("UHY-OPEN-021", "created without permissions, and written") {
		fd = file_open("/data/locked", UHYVE_O_CREAT | UHYVE_O_WRONLY,
			       0);
		expect_fd(fd);
		expect_eq(file_write(fd, "x", 1), 1);
	}
}
