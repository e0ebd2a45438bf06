/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "O_EXCL with and without O_CREAT",
	files = { "data/f" = "kept", "data/sub" = { dir = true } },
	after = [
		{ path = "data/f", content = "kept", id = "UHY-OPEN-008" },
		{ path = "data/new", content = "", id = "UHY-OPEN-018" },
		{ path = "data/no", absent = true, id = "UHY-OPEN-017" }
	]
)

#define EXCLUSIVE (UHYVE_O_CREAT | UHYVE_O_EXCL)

void guest_main(void)
{
	TEST("UHY-OPEN-008", "O_CREAT and O_EXCL of names that exist") {
		expect_eq(file_open("/data/f", EXCLUSIVE | UHYVE_O_RDWR, 0644),
			  -UHYVE_EEXIST);
		expect_eq(file_open("/data/f",
				    EXCLUSIVE | UHYVE_O_TRUNC | UHYVE_O_RDWR,
				    0644),
			  -UHYVE_EEXIST);
		expect_eq(file_open("/data/sub", EXCLUSIVE, 0644),
			  -UHYVE_EEXIST);
	}
	TEST("UHY-OPEN-018", "O_CREAT and O_EXCL of a missing name") {
		expect_fd(file_open("/data/new", EXCLUSIVE | UHYVE_O_WRONLY,
				    0644));
	}
	TEST("UHY-OPEN-017", "O_EXCL alone") {
		expect_fd(file_open("/data/f", UHYVE_O_EXCL | UHYVE_O_RDWR, 0));
		expect_eq(file_open("/data/no", UHYVE_O_EXCL | UHYVE_O_RDWR, 0),
			  -UHYVE_ENOENT);
	}
}
