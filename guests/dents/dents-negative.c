/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "listing a negative descriptor",
	needs = ["interface-3"],
	variants = ["minus-1", "int32-min"]
)

void guest_main(void)
{
	static uint8_t buf[64];
	const int32_t fd = guest_variant() ? INT32_MIN : -1;
	TEST("UHY-DENTS-032", "a negative descriptor") {
		expect_eq(dir_read(fd, buf, sizeof(buf)), -UHYVE_EBADF);
	}
}
