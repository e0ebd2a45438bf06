/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer that begins outside RAM",
	variants = ["null", "below", "behind", "top"],
	files = { "data/f" = "0123456789" }
)

void guest_main(void)
{
	const uint64_t addresses[] = {0, ram_start() - 1, ram_end(),
				      UINT64_MAX};
	void *buf = (void *)(uintptr_t)FOR_VARIANT(addresses);
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	TEST("UHY-WRITE-051", "the first byte is not in RAM") {
		expect_eq(file_write(fd, buf, 1), -UHYVE_EFAULT);
	}
}
