/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a failed FileOpen changes nothing",
	files = { "data/f" = "kept", "data/sub/g" = "kept" },
	after = [
		{ path = "data/f", content = "kept", id = "UHY-OPEN-026" },
		{ path = "data/sub/g", content = "kept", id = "UHY-OPEN-026" },
		{ path = "data/no", absent = true, id = "UHY-OPEN-026" },
		{ path = "data/x", absent = true, id = "UHY-OPEN-026" }
	]
)

#define CREATE (UHYVE_O_CREAT | UHYVE_O_RDWR)

void guest_main(void)
{
	/* A component of 300 bytes in a directory that does not exist. */
	static char too_long[306] = "/way/";
	TEST("UHY-OPEN-026", "names and contents stay") {
		expect_error(file_open("/data/no/x", CREATE, 0644));
		expect_error(file_open("/data/f",
				       CREATE | UHYVE_O_EXCL | UHYVE_O_TRUNC,
				       0644));
		expect_error(
			file_open("/data/f/x", CREATE | UHYVE_O_TRUNC, 0644));
		expect_error(
			file_open("/data/sub", CREATE | UHYVE_O_TRUNC, 0644));
		expect_error(
			file_open("/data/x", CREATE | UHYVE_O_DIRECTORY, 0644));
		expect_error(file_open("/data/x\xff/../x", CREATE, 0644));
		/* Parents of private names are not made in vain. */
		expect_eq(file_open("/way/f", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_open("/way", UHYVE_O_RDONLY, 0), -UHYVE_ENOENT);
		memset(too_long + 5, 'x', sizeof(too_long) - 6);
		if (file_open(too_long, CREATE, 0644) < 0)
			expect_eq(file_open("/way", UHYVE_O_RDONLY, 0),
				  -UHYVE_ENOENT);
	}
}
