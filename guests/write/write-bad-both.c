/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a bad descriptor and a bad buffer",
	variants = ["null", "behind"]
)

void guest_main(void)
{
	void *buf = (void *)(uintptr_t)(guest_variant() ? ram_end() : 0);
	TEST("UHY-WRITE-055", "a bad descriptor and a bad buffer") {
		expect_one_of(file_write(3000, buf, 4), -UHYVE_EBADF,
			      -UHYVE_EFAULT);
	}
}
