/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a bad descriptor and a bad buffer"
)

void guest_main(void)
{
	TEST("UHY-READ-056", "a bad descriptor and a bad buffer") {
		expect_one_of(file_read(3000, (void *)0, 4), -UHYVE_EBADF,
			      -UHYVE_EFAULT);
		expect_one_of(file_read(3000, (void *)(uintptr_t)ram_end(), 4),
			      -UHYVE_EBADF, -UHYVE_EFAULT);
	}
}
