/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "names of files are removed",
	also = [3],
	files = {
		"data/f" = "first", "data/sub/g" = "", "data/kept" = "kept",
		"data/again" = "old", "data/a/b/c/d" = "", "data/next" = ""
	},
	after = [
		{ path = "data/f", absent = true, id = "UHY-UNLINK-003" },
		{ path = "data/sub/g", absent = true, id = "UHY-UNLINK-003" },
		{ path = "data/kept", content = "kept", id = "UHY-UNLINK-019" },
		{ path = "data/again", content = "", id = "UHY-UNLINK-017" }
	]
)

void guest_main(void)
{
	char found[8] = "";
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	int32_t old = file_open("/data/again", UHYVE_O_RDONLY, 0);
	TEST("UHY-UNLINK-001", "a file") {
		expect_eq(file_unlink("/data/f"), 0);
		/* Nothing is left of a longer path in the one after it. */
		expect_eq(file_unlink("/data/a/b/c/d"), 0);
		expect_eq(file_unlink("/data/next"), 0);
	}
	TEST("UHY-UNLINK-002", "its name is missing") {
		expect_eq(file_open("/data/f", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_unlink("/data/f"), -UHYVE_ENOENT);
	}
	TEST("UHY-UNLINK-006", "its descriptor works") {
		expect_eq(file_read(fd, found, 8), 5);
		expect_bytes(found, "first", 5);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_END), 5);
	}
	TEST("UHY-UNLINK-003", "in a directory; the host looks") {
		expect_eq(file_unlink("/data/sub/g"), 0);
	}
	TEST("UHY-UNLINK-004", "a missing name") {
		expect_eq(file_unlink("/data/missing"), -UHYVE_ENOENT);
		expect_eq(file_unlink("/data/sub/missing"), -UHYVE_ENOENT);
	}
	TEST("UHY-UNLINK-019", "the other names") {
		expect_fd(file_open("/data/kept", UHYVE_O_RDONLY, 0));
		expect_fd(file_open("/data/sub", UHYVE_O_DIRECTORY, 0));
	}
	TEST("UHY-UNLINK-017", "the name is used again") {
		expect_eq(file_unlink("/data/again"), 0);
		fd = file_open("/data/again", UHYVE_O_CREAT | UHYVE_O_RDWR,
			       0644);
		expect_fd(fd);
		expect_eq(file_read(fd, found, 8), 0);
	}
	TEST("UHY-UNLINK-020", "the old file is another one") {
		expect_eq(file_read(old, found, 8), 3);
		expect_bytes(found, "old", 3);
	}
}
