/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "FileStat of symbolic links",
	needs = ["interface-3", "symlinks"],
	files = {
		"data/sub/f" = "0123456789",
		"data/link" = { symlink = "sub/f" },
		"data/dir" = { symlink = "sub" },
		"data/dangling" = { symlink = "missing" }
	}
)

static struct uhyve_file_attr attr;

static void expect_stat(const char *path, uint32_t kind, uint32_t type,
			int64_t size)
{
	memset(&attr, 0xee, sizeof(attr));
	expect_eq(file_stat(path, kind, &attr), 0);
	expect_eq(attr.st_mode & UHYVE_S_IFMT, type);
	if (type == UHYVE_S_IFREG)
		expect_eq(attr.st_size, size);
}

void guest_main(void)
{
	TEST("UHY-STAT-020", "kind 0 follows") {
		expect_stat("/data/link", UHYVE_STAT_FOLLOW, UHYVE_S_IFREG, 10);
		expect_stat("/data/dir", UHYVE_STAT_FOLLOW, UHYVE_S_IFDIR, 0);
		expect_eq(file_stat("/data/dangling", UHYVE_STAT_FOLLOW, &attr),
			  -UHYVE_ENOENT);
	}
	TEST("UHY-STAT-021", "kind 1 does not") {
		expect_stat("/data/link", UHYVE_STAT_NOFOLLOW, UHYVE_S_IFLNK,
			    0);
		expect_stat("/data/dir", UHYVE_STAT_NOFOLLOW, UHYVE_S_IFLNK, 0);
		expect_stat("/data/dangling", UHYVE_STAT_NOFOLLOW,
			    UHYVE_S_IFLNK, 0);
	}
	TEST("UHY-STAT-022", "kind 1 follows links before the last component") {
		expect_stat("/data/dir/f", UHYVE_STAT_NOFOLLOW, UHYVE_S_IFREG,
			    10);
	}
}
