/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "Mkdir cleans paths as FileOpen does",
	needs = ["interface-3"],
	files = { "data/sub" = { dir = true } },
	after = [
		{ path = "data/a", type = "dir", id = "UHY-MKDIR-023" },
		{ path = "data/b", type = "dir", id = "UHY-MKDIR-023" },
		{ path = "data/c", type = "dir", id = "UHY-MKDIR-023" },
		{ path = "data/d", type = "dir", id = "UHY-MKDIR-023" },
		{ path = "data/e", type = "dir", id = "UHY-MKDIR-023" },
		{ path = "data/größe", type = "dir", id = "UHY-MKDIR-023" },
		{ path = "beside", absent = true, id = "UHY-MKDIR-023" }
	]
)

void guest_main(void)
{
	TEST("UHY-MKDIR-023", "paths in other than their canonical form") {
		expect_eq(dir_make("data/a"), 0);
		expect_eq(dir_make("/data//b/"), 0);
		expect_eq(dir_make("/data/./c"), 0);
		expect_eq(dir_make("/data/missing/../d"), 0);
		expect_eq(dir_make("/../data/sub/../e"), 0);
		expect_eq(dir_make("/data/größe"), 0);
		/* This one is private, so the host has nothing of it. */
		expect_eq(dir_make("/data/../beside"), 0);
		expect_eq(dir_make("data/./a"), -UHYVE_EEXIST);
	}
}
