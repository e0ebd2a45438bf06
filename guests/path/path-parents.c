/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "parents that are missing or not directories",
	files = { "data/f" = "kept" },
	after = [
		{ path = "data/missing", absent = true, id = "UHY-PATH-044" },
		{ path = "data/f", content = "kept", id = "UHY-PATH-045" }
	]
)

#define CREATE (UHYVE_O_CREAT | UHYVE_O_RDWR)

void guest_main(void)
{
	TEST("UHY-PATH-044", "the parent is missing") {
		expect_eq(file_open("/data/missing/f", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_open("/data/missing/f", CREATE, 0644),
			  -UHYVE_ENOENT);
		expect_eq(file_unlink("/data/missing/f"), -UHYVE_ENOENT);
	}
	TEST("UHY-PATH-045", "the parent is a regular file") {
		expect_error(file_open("/data/f/g", UHYVE_O_RDONLY, 0));
		expect_error(file_open("/data/f/g", CREATE, 0644));
		expect_error(file_unlink("/data/f/g"));
	}
	TEST("UHY-PATH-046", "the parent is a regular file: ENOTDIR") {
		expect_eq(file_open("/data/f/g", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOTDIR);
		expect_eq(file_open("/data/f/g", CREATE, 0644), -UHYVE_ENOTDIR);
	}
}
