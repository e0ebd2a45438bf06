/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "other host errors keep their numbers",
	files = { "data/f" = "0123456789" }
)

void guest_main(void)
{
	static char name[300] = "/data/";
	memset(name + 6, 'x', 256);
	TEST("UHY-ERR-005", "ENOTDIR and ENAMETOOLONG") {
		expect_eq(file_open("/data/f/below", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOTDIR);
		expect_eq(file_open(name, UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644),
			  -UHYVE_ENAMETOOLONG);
	}
}
