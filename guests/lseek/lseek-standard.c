/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "0, 1 and 2 have no position"
)

void guest_main(void)
{
	TEST("UHY-LSEEK-030", "0, 1 and 2") {
		for (int32_t fd = 0; fd < 3; fd++) {
			expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR),
				  -UHYVE_ESPIPE);
			expect_eq(file_lseek(fd, 0, UHYVE_SEEK_SET),
				  -UHYVE_ESPIPE);
		}
	}
}
