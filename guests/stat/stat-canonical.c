/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "FileStat cleans paths as FileOpen does",
	needs = ["interface-3"],
	files = { "data/f" = "0123456789", "secret" = "" }
)

static struct uhyve_file_attr attr;

static int64_t stat_of(const char *path)
{
	attr.st_size = UNANSWERED;
	return file_stat(path, UHYVE_STAT_FOLLOW, &attr);
}

void guest_main(void)
{
	static const char *const same[] = {
		"data/f",     "//data///f", "/./data/./f", "/data/missing/../f",
		"/../data/f", "/data/f/",
	};
	TEST("UHY-STAT-031", "paths with one canonical form") {
		for (size_t i = 0; i < 6; i++) {
			expect_eq(stat_of(same[i]), 0);
			expect_eq(attr.st_size, 10);
		}
		expect_eq(stat_of("/data/../f"), -UHYVE_ENOENT);
	}
	TEST("UHY-STAT-032", "names of host files") {
		expect_eq(stat_of("/data/../secret"), -UHYVE_ENOENT);
		expect_eq(stat_of("/secret"), -UHYVE_ENOENT);
		expect_eq(stat_of("/etc/passwd"), -UHYVE_ENOENT);
		expect_eq(stat_of("/proc/self"), -UHYVE_ENOENT);
	}
}
