/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "what Mkdir refuses",
	needs = ["interface-3"],
	files = { "data/f" = "kept", "data/sub/g" = "kept" },
	after = [
		{ path = "data/f", content = "kept", id = "UHY-MKDIR-009" },
		{ path = "data/sub/g", content = "kept", id = "UHY-MKDIR-009" },
		{ path = "data/missing", absent = true, id = "UHY-MKDIR-009" }
	]
)

void guest_main(void)
{
	/* A component of 300 bytes in directories that do not exist. */
	static char too_long[306] = "/way/", too_long_below[311] = "/kept/way/";
	TEST("UHY-MKDIR-002", "names that exist") {
		expect_eq(dir_make("/data/sub"), -UHYVE_EEXIST);
		expect_eq(dir_make("/data/f"), -UHYVE_EEXIST);
		expect_eq(dir_make("/data"), -UHYVE_EEXIST);
	}
	TEST("UHY-MKDIR-003", "the parent is missing") {
		expect_eq(dir_make("/data/missing/new"), -UHYVE_ENOENT);
	}
	TEST("UHY-MKDIR-011", "below a regular file") {
		expect_error(dir_make("/data/f/new"));
	}
	TEST("UHY-MKDIR-013", "the root") {
		expect_error(dir_make("/"));
		expect_error(dir_make("/data/.."));
	}
	TEST("UHY-MKDIR-016", "not UTF-8") {
		expect_eq(dir_make("/data/\xff"), -UHYVE_EINVAL);
	}
	struct uhyve_file_attr attr;
	TEST("UHY-MKDIR-009", "all names are as before") {
		/* Parents of private names are not made in vain. */
		memset(too_long + 5, 'x', sizeof(too_long) - 6);
		if (dir_make(too_long) < 0)
			expect_eq(file_stat("/way", 0, &attr), -UHYVE_ENOENT);
		/* Those that were there before stay, although they are empty. */
		memset(too_long_below + 10, 'x', 300);
		expect_eq(dir_make("/kept"), 0);
		expect_error(dir_make(too_long_below));
		expect_eq(file_stat("/kept", 0, &attr), 0);
		expect_eq(file_stat("/data/missing", 0, &attr), -UHYVE_ENOENT);
		expect_fd(file_open("/data/f", UHYVE_O_RDONLY, 0));
		expect_fd(file_open("/data/sub/g", UHYVE_O_RDONLY, 0));
	}
	TEST("UHY-MKDIR-012", "below a regular file: ENOTDIR") {
		expect_eq(dir_make("/data/f/new"), -UHYVE_ENOTDIR);
	}
}
