/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "0, 1 and 2 are closed without effect"
)

void guest_main(void)
{
	TEST("UHY-CLOSE-005", "0, 1 and 2, twice") {
		for (int32_t fd = 0; fd < 3; fd++) {
			expect_eq(file_close(fd), 0);
			expect_eq(file_close(fd), 0);
		}
	}
}
