/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "symbolic links inside a mapping are followed",
	needs = ["symlinks"],
	files = {
		"data/f" = "outer", "data/deep/er/f" = "inner",
		"data/link" = { symlink = "f" },
		"data/dir" = { symlink = "deep/er" },
		"data/deep/er/here" = { symlink = "f" },
		"data/deep/up" = { symlink = "../f" },
		"data/loop" = { symlink = "loop" },
		"data/a" = { symlink = "b" }, "data/b" = { symlink = "a" },
		"data/absolute" = { symlink = "/etc/hostname" },
		"data/etc/hostname" = "inside",
		"data/dangling" = { symlink = "missing" }
	}
)

void guest_main(void)
{
	TEST("UHY-PATH-050", "a link as the last component") {
		expect_content("/data/link", "outer");
	}
	TEST("UHY-PATH-051",
	     "a link to a directory before the last component") {
		expect_content("/data/dir/f", "inner");
		expect_content("/data/dir/here", "inner");
	}
	TEST("UHY-PATH-052", "targets start at the link's directory") {
		expect_content("/data/deep/up", "outer");
		expect_content("/data/deep/er/here", "inner");
	}
	TEST("UHY-PATH-024", ".. after a link to a directory") {
		expect_content("/data/dir/../f", "outer");
	}
	TEST("UHY-PATH-053", "links in a circle") {
		expect_error(file_open("/data/loop", UHYVE_O_RDONLY, 0));
		expect_error(file_open("/data/a", UHYVE_O_RDONLY, 0));
		expect_error(file_open("/data/a/x", UHYVE_O_RDONLY, 0));
	}
	TEST("UHY-PATH-054", "links in a circle are ELOOP") {
		expect_eq(file_open("/data/loop", UHYVE_O_RDONLY, 0),
			  -UHYVE_ELOOP);
	}
	TEST("UHY-PATH-056", "an absolute target, which need not be followed") {
		char found[8] = "";
		int32_t fd = file_open("/data/absolute", UHYVE_O_RDONLY, 0);
		if (fd >= 0)
			file_read(fd, found, 6);
		/* What is not the file inside must not be opened. */
		if (memcmp(found, "inside", 6) == 0)
			expect_bytes(found, "inside", 6);
		else
			expect_error(
				file_open("/data/absolute", UHYVE_O_RDONLY, 0));
	}
	TEST("UHY-PATH-055", "a link to nothing") {
		expect_eq(file_open("/data/dangling", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
	}
}
