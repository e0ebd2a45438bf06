/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "the size of a file above 4 GiB",
	needs = ["interface-3"],
	files = { "data/sparse" = { size = 5368709121 } }
)

void guest_main(void)
{
	const int64_t size = (INT64_C(5) << 30) + 1;
	struct uhyve_file_attr attr;
	TEST("UHY-STAT-003", "by its name") {
		expect_eq(file_stat("/data/sparse", UHYVE_STAT_FOLLOW, &attr),
			  0);
		expect_eq(attr.st_size, size);
	}
	TEST("UHY-STAT-060", "by its descriptor") {
		int32_t fd = file_open("/data/sparse", UHYVE_O_RDONLY, 0);
		expect_eq(file_fstat(fd, &attr), 0);
		expect_eq(attr.st_size, size);
	}
}
