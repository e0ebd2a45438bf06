/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "FileStat of a path whose address lies outside RAM",
	needs = ["interface-3"],
	variants = ["null", "behind"]
)

void guest_main(void)
{
	static struct uhyve_file_attr attr;
	const uint64_t at = guest_variant() ? ram_end() : 0;
	TEST("UHY-STAT-027", "the address of a path is not in RAM") {
		expect_eq(file_stat((const char *)(uintptr_t)at,
				    UHYVE_STAT_FOLLOW, &attr),
			  -UHYVE_EFAULT);
	}
}
