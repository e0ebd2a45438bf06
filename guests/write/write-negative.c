/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "writing to a negative descriptor",
	variants = ["minus-1", "int32-min"]
)

void guest_main(void)
{
	const int32_t fd = guest_variant() ? INT32_MIN : -1;
	TEST("UHY-WRITE-032", "a negative descriptor") {
		expect_eq(file_write(fd, "x", 1), -UHYVE_EBADF);
		expect_eq(file_write(fd, "x", 0), -UHYVE_EBADF);
	}
}
