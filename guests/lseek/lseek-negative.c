/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "moving a negative descriptor",
	variants = ["minus-1", "int32-min"]
)

void guest_main(void)
{
	const int32_t fd = guest_variant() ? INT32_MIN : -1;
	TEST("UHY-LSEEK-029", "a negative descriptor") {
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), -UHYVE_EBADF);
	}
}
