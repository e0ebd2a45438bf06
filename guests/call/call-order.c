/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "calls are performed in order",
	after = [{ path = "data/order", content = "abcdefgh", id = "UHY-CALL-008" }]
)

void guest_main(void)
{
	TEST("UHY-CALL-008", "writes follow each other") {
		int32_t fd = file_open("/data/order",
				       UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
		char read[8] = {0};
		for (const char *c = "abcdefgh"; *c; c++)
			file_write(fd, c, 1);
		file_lseek(fd, 0, UHYVE_SEEK_SET);
		expect_eq(file_read(fd, read, 8), 8);
		expect_bytes(read, "abcdefgh", 8);
	}
}
