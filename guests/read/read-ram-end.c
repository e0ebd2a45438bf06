/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer that ends with the last byte of RAM",
	files = { "data/f" = "0123456789" }
)

void guest_main(void)
{
	uint8_t *last = ram_tail(16);
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	TEST("UHY-READ-050", "the last 10 bytes, the last byte") {
		memset(last, 0xee, 16);
		expect_eq(file_read(fd, last + 6, 10), 10);
		expect_bytes(last + 5,
			     "\xee"
			     "0123456789",
			     11);
		expect_eq(file_lseek(fd, 4, UHYVE_SEEK_SET), 4);
		expect_eq(file_read(fd, last + 15, 1), 1);
		expect_bytes(last + 14, "84", 2);
	}
}
