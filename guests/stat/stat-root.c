/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "FileStat of the root",
	needs = ["interface-3"]
)

void guest_main(void)
{
	static struct uhyve_file_attr attr;
	TEST("UHY-STAT-015", "a directory") {
		expect_eq(file_stat("/", UHYVE_STAT_FOLLOW, &attr), 0);
		expect_eq(attr.st_mode & UHYVE_S_IFMT, UHYVE_S_IFDIR);
	}
}
