/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "FileUnlink cleans paths as FileOpen does",
	files = {
		"data/a" = "", "data/b" = "", "data/c" = "", "data/d" = "",
		"data/e" = "", "data/sub/deep/f" = ""
	},
	after = [
		{ path = "data/a", absent = true, id = "UHY-PATH-020" },
		{ path = "data/b", absent = true, id = "UHY-PATH-021" },
		{ path = "data/c", absent = true, id = "UHY-PATH-022" },
		{ path = "data/d", absent = true, id = "UHY-PATH-023" },
		{ path = "data/e", absent = true, id = "UHY-PATH-025" },
		{ path = "data/sub/deep/f", absent = true, id = "UHY-PATH-040" }
	]
)

void guest_main(void)
{
	TEST("UHY-PATH-020", "without a leading slash") {
		expect_eq(file_unlink("data/a"), 0);
	}
	TEST("UHY-PATH-021", "several slashes") {
		expect_eq(file_unlink("//data///b"), 0);
	}
	TEST("UHY-PATH-022", "the component .") {
		expect_eq(file_unlink("/./data/./c"), 0);
	}
	TEST("UHY-PATH-023", ".. after a missing component") {
		expect_eq(file_unlink("/data/missing/../d"), 0);
	}
	TEST("UHY-PATH-025", ".. at the root") {
		expect_eq(file_unlink("/../data/e"), 0);
	}
	TEST("UHY-PATH-040", "in a directory of the mapping") {
		expect_eq(file_unlink("/data/sub/deep/f"), 0);
	}
}
