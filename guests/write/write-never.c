/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "writing to numbers that FileOpen never gave",
	variants = ["3000", "int32-max"]
)

void guest_main(void)
{
	const int32_t fd = guest_variant() ? INT32_MAX : 3000;
	TEST("UHY-WRITE-030", "never opened") {
		expect_eq(file_write(fd, "x", 1), -UHYVE_EBADF);
	}
}
