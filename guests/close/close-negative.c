/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "negative numbers are not descriptors"
)

void guest_main(void)
{
	TEST("UHY-CLOSE-004", "-1, -2 and INT32_MIN") {
		expect_eq(file_close(-1), -UHYVE_EBADF);
		expect_eq(file_close(-2), -UHYVE_EBADF);
		expect_eq(file_close(INT32_MIN), -UHYVE_EBADF);
	}
}
