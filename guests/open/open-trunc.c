/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "O_TRUNC with every access mode",
	files = {
		"data/w" = "0123456789", "data/rw" = "0123456789",
		"data/cw" = "0123456789", "data/r" = "0123456789"
	},
	after = [
		{ path = "data/w", content = "", id = "UHY-OPEN-030" },
		{ path = "data/rw", content = "", id = "UHY-OPEN-030" },
		{ path = "data/cw", content = "", id = "UHY-OPEN-030" }
	]
)

void guest_main(void)
{
	char found[16] = "";
	int32_t fd;
	TEST("UHY-OPEN-030", "with write access") {
		expect_fd(file_open("/data/w", UHYVE_O_TRUNC | UHYVE_O_WRONLY,
				    0));
		expect_fd(file_open(
			"/data/cw",
			UHYVE_O_TRUNC | UHYVE_O_WRONLY | UHYVE_O_CREAT, 0644));
		fd = file_open("/data/rw", UHYVE_O_TRUNC | UHYVE_O_RDWR, 0);
		expect_fd(fd);
		expect_eq(file_read(fd, found, 16), 0);
	}
	TEST("UHY-OPEN-031", "without: all of the file or nothing of it") {
		file_open("/data/r", UHYVE_O_TRUNC | UHYVE_O_RDONLY, 0);
		fd = file_open("/data/r", UHYVE_O_RDONLY, 0);
		expect_fd(fd);
		if (expect_one_of(file_read(fd, found, 16), 0, 10) && found[0])
			expect_bytes(found, "0123456789", 10);
	}
}
