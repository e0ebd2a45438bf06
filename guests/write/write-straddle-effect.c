/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "nothing is written from a buffer that is partly in RAM",
	files = { "data/f" = "0123456789" },
	after = [
		{ path = "data/f", content = "0123456789", id = "UHY-WRITE-053" }
	]
)

void guest_main(void)
{
	uint8_t *last = ram_tail(16);
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	TEST("UHY-WRITE-053", "file and position stay") {
		expect_error(file_write(fd, last, 17));
		expect_error(file_write(fd, (void *)(uintptr_t)ram_end(), 1));
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 0);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_END), 10);
	}
}
