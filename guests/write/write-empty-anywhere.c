/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "length 0 with a buffer outside RAM",
	variants = ["null", "behind", "top"],
	files = { "data/f" = "0123456789" }
)

void guest_main(void)
{
	const uint64_t addresses[] = {0, ram_end(), UINT64_MAX};
	void *buf = (void *)(uintptr_t)FOR_VARIANT(addresses);
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	TEST("UHY-WRITE-022", "length 0 with any buffer") {
		expect_eq(file_write(fd, buf, 0), 0);
	}
}
