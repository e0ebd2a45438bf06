/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "paths are cleaned by their text alone",
	also = [3],
	files = { "data/f" = "", "data/sub/g" = "", "secret" = "" },
	after = [{ path = "secret", type = "file", id = "UHY-PATH-027" }]
)

static int32_t open_for_reading(const char *path)
{
	return file_open(path, UHYVE_O_RDONLY, 0);
}

void guest_main(void)
{
	TEST("UHY-PATH-020", "without a leading slash") {
		expect_fd(open_for_reading("data/f"));
		expect_fd(open_for_reading("./data/f"));
	}
	TEST("UHY-PATH-021", "several slashes") {
		expect_fd(open_for_reading("//data///f"));
		expect_fd(open_for_reading("/data/sub//g"));
	}
	TEST("UHY-PATH-022", "the component .") {
		expect_fd(open_for_reading("/./data/./f"));
		expect_fd(open_for_reading("/data/sub/././g"));
	}
	TEST("UHY-PATH-023", ".. after a missing component") {
		expect_fd(open_for_reading("/data/missing/../f"));
		expect_fd(open_for_reading("/a/b/../../data/sub/../f"));
		expect_fd(open_for_reading("/data/f/../sub/g"));
	}
	TEST("UHY-PATH-025", ".. at the root of an absolute path") {
		expect_fd(open_for_reading("/../data/f"));
		expect_fd(open_for_reading("/data/../../../data/f"));
	}
	TEST("UHY-PATH-027", ".. does not leave a mapping") {
		expect_eq(open_for_reading("/data/../secret"), -UHYVE_ENOENT);
		expect_eq(open_for_reading("/data/sub/../../secret"),
			  -UHYVE_ENOENT);
		expect_eq(file_unlink("/data/../secret"), -UHYVE_ENOENT);
		expect_error(open_for_reading("../secret"));
		expect_error(open_for_reading("data/../../data/../secret"));
	}
	TEST("UHY-PATH-028", "a slash at the end") {
		expect_fd(open_for_reading("/data/f/"));
		expect_fd(file_open("/data/sub//", UHYVE_O_DIRECTORY, 0));
	}
	TEST("UHY-PATH-026", ".. at the beginning of a relative path") {
		expect_fd(open_for_reading("../data/f"));
		expect_fd(open_for_reading("./../../data/f"));
	}
}
