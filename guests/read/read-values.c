/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "every byte value is read as it is",
	also = [3],
	files = { "data/f" = { hex = "0001080a0d1a1b207f80c0feff0d0a00" } }
)

void guest_main(void)
{
	static const char text[] =
		"\x00\x01\x08\n\r\x1a\x1b \x7f\x80\xc0\xfe\xff\r\n\x00";
	static uint8_t found[257];
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	TEST("UHY-READ-003", "values of the host, and all that were written") {
		expect_eq(file_read(fd, found, sizeof(found)), 16);
		expect_bytes(found, text, 16);
		for (unsigned i = 0; i < 256; i++)
			found[i] = (uint8_t)i;
		expect_eq(file_write(fd, found, 256), 256);
		memset(found, 0xee, sizeof(found));
		expect_eq(file_lseek(fd, 16, UHYVE_SEEK_SET), 16);
		expect_eq(file_read(fd, found, sizeof(found)), 256);
		for (unsigned i = 0; i < 256; i++)
			if (found[i] != i)
				expect_eq(found[i], i);
	}
}
