/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The hypervisor's process starts with /dev/zero open, with a number from 3 on. */
#include "test.h"

GUEST(
	summary = "descriptors that the hypervisor inherited are not the guest's",
	inherited = true
)

#define LAST 40 /* more than the number of the inherited one */

void guest_main(void)
{
	char byte = 'x';
	TEST("UHY-ERR-009", "none of them is open") {
		for (int32_t fd = 3; fd <= LAST; fd++) {
			expect_eq(file_read(fd, &byte, 1), -UHYVE_EBADF);
			expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR),
				  -UHYVE_EBADF);
			expect_eq(file_close(fd), -UHYVE_EBADF);
		}
	}
}
