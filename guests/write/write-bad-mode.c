/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the wrong access mode and a bad buffer",
	variants = ["null", "behind"],
	files = { "data/f" = "0123456789" }
)

void guest_main(void)
{
	void *buf = (void *)(uintptr_t)(guest_variant() ? ram_end() : 0);
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	TEST("UHY-WRITE-058", "O_RDONLY and a bad buffer") {
		expect_one_of(file_write(fd, buf, 4), -UHYVE_EBADF,
			      -UHYVE_EFAULT);
	}
}
