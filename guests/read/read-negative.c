/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "reading from a negative descriptor",
	variants = ["minus-1", "int32-min"]
)

void guest_main(void)
{
	const int32_t fd = guest_variant() ? INT32_MIN : -1;
	char buf[4];
	TEST("UHY-READ-032", "a negative descriptor") {
		expect_eq(file_read(fd, buf, 4), -UHYVE_EBADF);
		expect_eq(file_read(fd, buf, 0), -UHYVE_EBADF);
	}
}
