/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "symbolic links do not lead out of the exported tree",
	needs = ["symlinks"],
	files = {
		"outside/f" = "secret",
		"data/file" = { symlink = "../outside/f" },
		"data/dir" = { symlink = "../outside" },
		"data/sub/dir" = { symlink = "../../outside" },
		"data/dangling" = { symlink = "../outside/new" }
	},
	after = [
		{ path = "outside/new", absent = true, id = "UHY-PATH-058" },
		{ path = "outside/n2", absent = true, id = "UHY-PATH-058" },
		{ path = "outside/f", content = "secret", id = "UHY-PATH-059" }
	]
)

void guest_main(void)
{
	TEST("UHY-PATH-056", "a link as the last component") {
		expect_error(file_open("/data/file", UHYVE_O_RDONLY, 0));
		expect_error(file_open("/data/file", UHYVE_O_RDWR, 0));
	}
	TEST("UHY-PATH-057",
	     "a link to a directory before the last component") {
		expect_error(file_open("/data/dir/f", UHYVE_O_RDONLY, 0));
		expect_error(file_open("/data/sub/dir/f", UHYVE_O_RDONLY, 0));
	}
	TEST("UHY-PATH-058", "O_CREAT through a link") {
		file_open("/data/dangling", UHYVE_O_CREAT | UHYVE_O_WRONLY,
			  0644);
		file_open("/data/dir/n2", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644);
		file_open("/data/dir/f", UHYVE_O_TRUNC | UHYVE_O_WRONLY, 0644);
		expect(true); /* the host looks */
	}
	TEST("UHY-PATH-059", "FileUnlink through a link") {
		expect_error(file_unlink("/data/dir/f"));
		expect_error(file_unlink("/data/sub/dir/f"));
	}
}
