/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "directories, and O_DIRECTORY",
	files = { "data/f" = "0123456789", "data/sub/g" = "" },
	after = [
		{ path = "data/new", absent = true, id = "UHY-OPEN-024" },
		{ path = "data/f", content = "0123456789", id = "UHY-OPEN-053" }
	]
)

#define DIRECTORY UHYVE_O_DIRECTORY

void guest_main(void)
{
	TEST("UHY-OPEN-050", "O_DIRECTORY of a directory") {
		expect_fd(file_open("/data/sub", DIRECTORY, 0));
	}
	TEST("UHY-OPEN-055", "O_DIRECTORY of a mapping's guest path") {
		expect_fd(file_open("/data", DIRECTORY, 0));
	}
	TEST("UHY-OPEN-051", "write access to a directory") {
		expect_eq(file_open("/data/sub", UHYVE_O_WRONLY, 0),
			  -UHYVE_EISDIR);
		expect_eq(file_open("/data/sub", UHYVE_O_RDWR, 0),
			  -UHYVE_EISDIR);
		expect_eq(file_open("/data/sub", DIRECTORY | UHYVE_O_RDWR, 0),
			  -UHYVE_EISDIR);
		expect_eq(file_open("/data", UHYVE_O_WRONLY, 0), -UHYVE_EISDIR);
	}
	TEST("UHY-OPEN-025", "O_CREAT of a directory") {
		expect_eq(file_open("/data/sub", UHYVE_O_CREAT, 0644),
			  -UHYVE_EISDIR);
		expect_eq(file_open("/data/sub", UHYVE_O_CREAT | UHYVE_O_WRONLY,
				    0644),
			  -UHYVE_EISDIR);
	}
	TEST("UHY-OPEN-023", "O_CREAT and O_DIRECTORY") {
		expect_eq(
			file_open("/data/new", UHYVE_O_CREAT | DIRECTORY, 0755),
			-UHYVE_EINVAL);
		expect_eq(
			file_open("/data/sub", UHYVE_O_CREAT | DIRECTORY, 0755),
			-UHYVE_EINVAL);
		expect_eq(
			file_open("/private", UHYVE_O_CREAT | DIRECTORY, 0755),
			-UHYVE_EINVAL);
	}
	TEST("UHY-OPEN-024", "and nothing was created") {
		expect_eq(file_open("/data/new", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_open("/private", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
	}
	TEST("UHY-OPEN-053", "O_DIRECTORY of a regular file") {
		expect_error(file_open("/data/f", DIRECTORY, 0));
		expect_error(file_open(
			"/data/f", DIRECTORY | UHYVE_O_WRONLY | UHYVE_O_TRUNC,
			0));
	}
	TEST("UHY-OPEN-052", "a directory without O_DIRECTORY") {
		expect_fd(file_open("/data/sub", UHYVE_O_RDONLY, 0));
	}
	TEST("UHY-OPEN-054", "O_DIRECTORY of a regular file: ENOTDIR") {
		expect_eq(file_open("/data/f", DIRECTORY, 0), -UHYVE_ENOTDIR);
	}
}
