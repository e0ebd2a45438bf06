/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "standard output and error are not for reading"
)

void guest_main(void)
{
	char buf[4];
	TEST("UHY-READ-039", "descriptors 1 and 2") {
		expect_eq(file_read(1, buf, 4), -UHYVE_EBADF);
		expect_eq(file_read(2, buf, 4), -UHYVE_EBADF);
	}
}
