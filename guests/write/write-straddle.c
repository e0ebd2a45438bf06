/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer that extends beyond RAM",
	variants = ["one-byte", "a-page", "all-of-ram"],
	files = { "data/f" = "0123456789" }
)

void guest_main(void)
{
	const uint64_t beyond[] = {1, 4096, ram_end() - ram_start() - 16};
	uint8_t *last = ram_tail(16);
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	TEST("UHY-WRITE-052", "RAM ends inside the buffer") {
		expect_eq(file_write(fd, last, 16 + FOR_VARIANT(beyond)),
			  -UHYVE_EFAULT);
	}
}
