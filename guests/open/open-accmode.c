/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "access mode 3",
	files = { "data/f" = "0123456789" },
	after = [{ path = "data/new", absent = true, id = "UHY-OPEN-041" }]
)

void guest_main(void)
{
	char found[4];
	TEST("UHY-OPEN-042", "a descriptor cannot be read from") {
		int32_t fd = file_open("/data/f", UHYVE_O_ACCMODE, 0);
		if (fd < 0)
			expect_error(fd);
		else
			expect_error(file_read(fd, found, 4));
	}
	TEST("UHY-OPEN-041", "EINVAL") {
		expect_eq(file_open("/data/f", UHYVE_O_ACCMODE, 0),
			  -UHYVE_EINVAL);
		expect_eq(file_open("/data/new",
				    UHYVE_O_ACCMODE | UHYVE_O_CREAT, 0644),
			  -UHYVE_EINVAL);
	}
}
