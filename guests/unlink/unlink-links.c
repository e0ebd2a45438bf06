/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "symbolic links are removed, not their targets",
	needs = ["symlinks"],
	files = {
		"data/f" = "kept", "data/sub/g" = "kept",
		"data/link" = { symlink = "f" },
		"data/dir" = { symlink = "sub" },
		"data/dangling" = { symlink = "missing" },
		"data/loop" = { symlink = "loop" }
	},
	after = [
		{ path = "data/link", absent = true, id = "UHY-UNLINK-012" },
		{ path = "data/dir", absent = true, id = "UHY-UNLINK-012" },
		{ path = "data/dangling", absent = true, id = "UHY-UNLINK-012" },
		{ path = "data/loop", absent = true, id = "UHY-UNLINK-012" },
		{ path = "data/f", content = "kept", id = "UHY-UNLINK-013" },
		{ path = "data/sub/g", content = "kept", id = "UHY-UNLINK-013" }
	]
)

void guest_main(void)
{
	TEST("UHY-UNLINK-012",
	     "links to a file, a directory, nothing, itself") {
		expect_eq(file_unlink("/data/link"), 0);
		expect_eq(file_unlink("/data/dir"), 0);
		expect_eq(file_unlink("/data/dangling"), 0);
		expect_eq(file_unlink("/data/loop"), 0);
	}
	TEST("UHY-UNLINK-013", "the targets are there") {
		expect_fd(file_open("/data/f", UHYVE_O_RDONLY, 0));
		expect_fd(file_open("/data/sub/g", UHYVE_O_RDONLY, 0));
	}
}
