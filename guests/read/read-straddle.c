/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer that extends beyond RAM",
	variants = ["one-byte", "a-page", "all-of-ram"],
	files = { "data/f" = { content = "0123456789", size = 65536 } }
)

void guest_main(void)
{
	const uint64_t beyond[] = {1, 4096, ram_end() - ram_start() - 16};
	const uint64_t len = 16 + FOR_VARIANT(beyond);
	uint8_t *last = ram_tail(32);
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	memset(last, 0xee, 32);
	TEST("UHY-READ-052", "RAM ends inside the buffer") {
		expect_eq(file_read(fd, last + 16, len), -UHYVE_EFAULT);
	}
}
