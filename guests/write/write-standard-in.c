/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "standard input is not for writing"
)

void guest_main(void)
{
	TEST("UHY-WRITE-038", "descriptor 0") {
		expect_eq(file_write(0, "x", 1), -UHYVE_EBADF);
	}
}
