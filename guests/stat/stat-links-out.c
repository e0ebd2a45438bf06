/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "FileStat does not describe files outside of the exported tree",
	needs = ["interface-3", "symlinks"],
	files = {
		"outside/f" = "secret",
		"data/file" = { symlink = "../outside/f" },
		"data/dir" = { symlink = "../outside" }
	}
)

void guest_main(void)
{
	static struct uhyve_file_attr attr;
	TEST("UHY-STAT-028", "through links to a file and to a directory") {
		expect_error(file_stat("/data/file", UHYVE_STAT_FOLLOW, &attr));
		expect_error(
			file_stat("/data/dir/f", UHYVE_STAT_FOLLOW, &attr));
		expect_error(file_stat("/data/dir", UHYVE_STAT_FOLLOW, &attr));
	}
}
