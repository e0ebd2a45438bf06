/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "every byte value is written as it is",
	also = [3],
	after = [
		{ path = "data/f", hex = "0001080a0d1a1b207f80c0feff0d0a00",
		  id = "UHY-WRITE-006" }
	]
)

void guest_main(void)
{
	static const char text[] =
		"\x00\x01\x08\n\r\x1a\x1b \x7f\x80\xc0\xfe\xff\r\n\x00";
	static uint8_t all[256], found[257];
	TEST("UHY-WRITE-006", "values for the host, and all of them") {
		int32_t fd = file_open("/data/f",
				       UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644);
		expect_eq(file_write(fd, text, 16), 16);
		for (unsigned i = 0; i < 256; i++)
			all[i] = (uint8_t)i;
		fd = file_open("/all", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
		expect_eq(file_write(fd, all, 256), 256);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_SET), 0);
		expect_eq(file_read(fd, found, 257), 256);
		expect_bytes(found, all, 256);
	}
}
