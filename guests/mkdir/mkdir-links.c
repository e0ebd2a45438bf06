/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "Mkdir does not follow a symbolic link",
	needs = ["interface-3", "symlinks"],
	files = {
		"outside/f" = "", "data/sub" = { dir = true },
		"data/link" = { symlink = "sub" },
		"data/dangling" = { symlink = "missing" },
		"data/out" = { symlink = "../outside" },
		"data/new" = { symlink = "../outside/new" }
	},
	after = [
		{ path = "data/missing", absent = true, id = "UHY-MKDIR-010" },
		{ path = "outside/new", absent = true, id = "UHY-MKDIR-022" }
	]
)

void guest_main(void)
{
	TEST("UHY-MKDIR-010", "links to a directory and to nothing") {
		expect_eq(dir_make("/data/link"), -UHYVE_EEXIST);
		expect_eq(dir_make("/data/dangling"), -UHYVE_EEXIST);
	}
	TEST("UHY-MKDIR-022", "through a link out of the tree") {
		expect_error(dir_make("/data/out/new"));
		expect_error(dir_make("/data/new"));
	}
}
