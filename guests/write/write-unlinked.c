/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a descriptor can be written to after its file was unlinked",
	files = { "data/gone" = "" },
	after = [{ path = "data/gone", absent = true, id = "UHY-WRITE-015" }]
)

void guest_main(void)
{
	char found[4] = "";
	int32_t fd = file_open("/data/gone", UHYVE_O_RDWR, 0);
	TEST("UHY-WRITE-015", "an unlinked file") {
		expect_eq(file_unlink("/data/gone"), 0);
		expect_eq(file_write(fd, "abc", 3), 3);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_SET), 0);
		expect_eq(file_read(fd, found, 4), 3);
		expect_bytes(found, "abc", 3);
	}
}
