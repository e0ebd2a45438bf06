/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "directories and the root are not removed",
	files = { "data/sub/f" = "kept", "data/empty" = { dir = true } },
	after = [
		{ path = "data/sub/f", content = "kept", id = "UHY-UNLINK-011" },
		{ path = "data/empty", type = "dir", id = "UHY-UNLINK-008" }
	]
)

void guest_main(void)
{
	TEST("UHY-UNLINK-007", "a directory") {
		expect_one_of(file_unlink("/data/sub"), -UHYVE_EISDIR,
			      -UHYVE_EPERM);
		expect_one_of(file_unlink("/data/empty"), -UHYVE_EISDIR,
			      -UHYVE_EPERM);
		expect_one_of(file_unlink("/data/empty/"), -UHYVE_EISDIR,
			      -UHYVE_EPERM);
	}
	TEST("UHY-UNLINK-008", "it is still there") {
		expect_fd(file_open("/data/sub", UHYVE_O_DIRECTORY, 0));
		expect_fd(file_open("/data/empty", UHYVE_O_DIRECTORY, 0));
	}
	TEST("UHY-UNLINK-015", "the root") {
		expect_error(file_unlink("/"));
		expect_error(file_unlink("/data/.."));
	}
	TEST("UHY-UNLINK-011", "all names are still there") {
		expect_error(file_unlink("/data/sub/f/g"));
		expect_fd(file_open("/data/sub/f", UHYVE_O_RDONLY, 0));
	}
}
