/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "files that exist and files that do not",
	files = { "data/f" = "0123456789" },
	after = [{ path = "data/missing", absent = true, id = "UHY-OPEN-004" }]
)

void guest_main(void)
{
	char found[4] = "";
	int32_t a = UNANSWERED, b = UNANSWERED;
	TEST("UHY-OPEN-001", "a file that exists") {
		a = file_open("/data/f", UHYVE_O_RDONLY, 0);
		expect_fd(a);
	}
	TEST("UHY-OPEN-009", "the position is 0") {
		expect_eq(file_read(a, found, 3), 3);
		expect_bytes(found, "012", 3);
	}
	TEST("UHY-OPEN-002", "the same file again") {
		b = file_open("/data/f", UHYVE_O_RDONLY, 0);
		expect_fd(b);
		expect(a != b);
	}
	TEST("UHY-OPEN-003", "two positions") {
		expect_eq(file_read(b, found, 2), 2);
		expect_bytes(found, "01", 2);
		expect_eq(file_read(a, found, 2), 2);
		expect_bytes(found, "34", 2);
	}
	TEST("UHY-OPEN-004", "a missing file") {
		expect_eq(file_open("/data/missing", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_open("/data/missing", UHYVE_O_RDWR, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_open("/data/missing",
				    UHYVE_O_WRONLY | UHYVE_O_TRUNC |
					    UHYVE_O_APPEND,
				    0),
			  -UHYVE_ENOENT);
	}
	TEST("UHY-OPEN-010", "0, 1 and 2 do not come back") {
		for (int32_t fd = 0; fd < 3; fd++)
			file_close(fd);
		for (int i = 0; i < 4; i++)
			expect_fd(file_open("/data/f", UHYVE_O_RDONLY, 0));
	}
}
