/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "FileStat and Mkdir clean paths as FileOpen does",
	requirements = [
		"UHY-PATH-006", "UHY-PATH-008", "UHY-PATH-020", "UHY-PATH-021",
		"UHY-PATH-022", "UHY-PATH-023", "UHY-PATH-025", "UHY-PATH-027",
		"UHY-PATH-043", "UHY-PATH-044"
	],
	needs = ["interface-3"],
	files = { "data/f" = "", "data/grüße" = "", "secret" = "" },
	after = [
		{ path = "data/a", type = "dir", id = "UHY-PATH-020" },
		{ path = "data/b", type = "dir", id = "UHY-PATH-021" },
		{ path = "data/c", type = "dir", id = "UHY-PATH-022" },
		{ path = "data/d", type = "dir", id = "UHY-PATH-023" },
		{ path = "data/e", type = "dir", id = "UHY-PATH-025" },
		{ path = "data/größe", type = "dir", id = "UHY-PATH-008" },
		{ path = "beside", absent = true, id = "UHY-PATH-027" },
		{ path = "data/no", absent = true, id = "UHY-PATH-044" }
	]
)

static struct uhyve_file_attr attr;

static int64_t stat_of(const char *path)
{
	return file_stat(path, UHYVE_STAT_FOLLOW, &attr);
}

void guest_main(void)
{
	plan(10);
	TEST("UHY-PATH-020", "without a leading slash") {
		expect_eq(stat_of("data/f"), 0);
		expect_eq(dir_make("data/a"), 0);
	}
	TEST("UHY-PATH-021", "several slashes") {
		expect_eq(stat_of("//data///f"), 0);
		expect_eq(dir_make("/data//b"), 0);
	}
	TEST("UHY-PATH-022", "the component .") {
		expect_eq(stat_of("/./data/./f"), 0);
		expect_eq(dir_make("/data/./c"), 0);
	}
	TEST("UHY-PATH-023", ".. behind something that is missing") {
		expect_eq(stat_of("/data/missing/../f"), 0);
		expect_eq(dir_make("/data/missing/../d"), 0);
	}
	TEST("UHY-PATH-025", ".. at the root") {
		expect_eq(stat_of("/../data/f"), 0);
		expect_eq(dir_make("/../data/e"), 0);
	}
	TEST("UHY-PATH-027", ".. does not leave a mapping") {
		expect_eq(stat_of("/data/../secret"), -UHYVE_ENOENT);
		expect_eq(stat_of("/data/../../secret"), -UHYVE_ENOENT);
		/* It may make a private directory. */
		dir_make("/data/../beside");
	}
	TEST("UHY-PATH-043", "host files of the same name") {
		expect_eq(stat_of("/etc/passwd"), -UHYVE_ENOENT);
		expect_eq(stat_of("/proc/self"), -UHYVE_ENOENT);
	}
	TEST("UHY-PATH-044", "the parent is missing") {
		expect_eq(stat_of("/data/no/f"), -UHYVE_ENOENT);
		expect_eq(dir_make("/data/no/f"), -UHYVE_ENOENT);
	}
	TEST("UHY-PATH-008", "UTF-8 beyond ASCII") {
		expect_eq(stat_of("/data/grüße"), 0);
		expect_eq(dir_make("/data/größe"), 0);
	}
	TEST("UHY-PATH-006", "the path is not modified") {
		char odd[] = "data//./x/..//f/";
		expect_eq(stat_of(odd), 0);
		expect_eq(dir_make(odd), -UHYVE_EEXIST);
		expect_bytes(odd, "data//./x/..//f/", sizeof(odd));
	}
}
