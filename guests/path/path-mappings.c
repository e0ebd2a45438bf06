/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "mappings of directories and of a file",
	files = {
		"data/sub/deep/f" = "1", "other/f" = "2", "single" = "3",
		"data/2" = "", "next/f" = "4"
	},
	mappings = { "/data" = "data", "/a/b" = "other", "/a/c" = "next", "/one" = "single" }
)

void guest_main(void)
{
	TEST("UHY-PATH-040", "a file in a directory of a mapping") {
		expect_content("/data/sub/deep/f", "1");
	}
	TEST("UHY-PATH-042", "a second mapping") {
		expect_content("/data/sub/deep/f", "1");
		expect_content("/a/b/f", "2");
		expect_content("/a/c/f", "4");
		expect_eq(file_open("/data/f", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_open("/a/b/sub/deep/f", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
	}
	TEST("UHY-PATH-041", "a mapped file") {
		expect_content("/one", "3");
	}
	TEST("UHY-PATH-047", "names that only begin alike") {
		expect_eq(file_open("/data2", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_open("/dat", UHYVE_O_RDONLY, 0), -UHYVE_ENOENT);
		expect_eq(file_open("/a/bf", UHYVE_O_RDONLY, 0), -UHYVE_ENOENT);
	}
}
