/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "writing to a closed descriptor",
	files = { "data/f" = "0123456789" },
	after = [
		{ path = "data/f", content = "0123456789", id = "UHY-WRITE-031" }
	]
)

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	file_close(fd);
	TEST("UHY-WRITE-031", "closed") {
		expect_eq(file_write(fd, "x", 1), -UHYVE_EBADF);
	}
}
