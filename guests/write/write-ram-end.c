/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer that ends with the last byte of RAM",
	after = [
		{ path = "data/f", content = "tailtail!", id = "UHY-WRITE-050" }
	]
)

void guest_main(void)
{
	uint8_t *last = ram_tail(8);
	int32_t fd = file_open("/data/f", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644);
	memcpy(last, "tailtail", 8);
	TEST("UHY-WRITE-050", "the last 8 bytes, the last byte") {
		expect_eq(file_write(fd, last, 8), 8);
		last[7] = 0x21;
		expect_eq(file_write(fd, last + 7, 1), 1);
	}
}
