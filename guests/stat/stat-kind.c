/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "FileStat with a kind that does not exist",
	needs = ["interface-3"],
	variants = ["2", "256", "2-to-31", "all-bits"],
	files = { "data/f" = "" }
)

void guest_main(void)
{
	static struct uhyve_file_attr attr;
	const uint32_t kinds[] = {2, 0x100, 0x80000000, 0xffffffff};
	TEST("UHY-STAT-023", "kind above 1") {
		expect_eq(file_stat("/data/f", FOR_VARIANT(kinds), &attr),
			  -UHYVE_EINVAL);
	}
}
