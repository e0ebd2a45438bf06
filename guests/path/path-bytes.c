/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "which bytes are a path, and which paths are refused",
	requirements = [
		"UHY-PATH-001", "UHY-PATH-006", "UHY-PATH-007", "UHY-PATH-008",
		"UHY-PATH-009"
	],
	files = { "data/f" = "", "data/grüße" = "" },
	after = [{ path = "data/новый", type = "file", id = "UHY-PATH-008" }]
)

static const char *const malformed[] = {
	"/data/\xff",             /* never in UTF-8 */
	"/data/\x80",             /* a continuation alone */
	"/data/\xc3",             /* cut off by the NUL */
	"/data/\xe2\x82/f",       /* cut off by another character */
	"/data/\xc0\xaf",         /* overlong "/" */
	"/data/\xed\xa0\x80",     /* a surrogate */
	"/data/\xf4\x90\x80\x80", /* above U+10FFFF */
	"\xff/../data/f",         /* removed by cleaning */
};

void guest_main(void)
{
	static char path[] = "/data/f\0g";
	plan(5);
	TEST("UHY-PATH-001", "bytes behind the NUL do not matter") {
		expect_fd(file_open(path, UHYVE_O_RDONLY, 0));
		path[8] = '\xff';
		expect_fd(file_open(path, UHYVE_O_RDONLY, 0));
	}
	TEST("UHY-PATH-006", "the path is not modified") {
		char odd[] = "data//./x/..//f/";
		expect_fd(file_open(odd, UHYVE_O_RDONLY, 0));
		expect_bytes(odd, "data//./x/..//f/", sizeof(odd));
	}
	TEST("UHY-PATH-007", "what is not UTF-8") {
		for (size_t i = 0; i < 8; i++)
			expect_eq(file_open(malformed[i],
					    UHYVE_O_CREAT | UHYVE_O_RDWR, 0644),
				  -UHYVE_EINVAL);
		expect_eq(file_unlink(malformed[0]), -UHYVE_EINVAL);
	}
	TEST("UHY-PATH-008", "UTF-8 beyond ASCII") {
		expect_fd(file_open("/data/grüße", UHYVE_O_RDONLY, 0));
		expect_fd(file_open("/data/новый",
				    UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
	}
	TEST("UHY-PATH-009", "the empty path") {
		expect_eq(file_open("", UHYVE_O_RDONLY, 0), -UHYVE_ENOENT);
		expect_eq(file_unlink(""), -UHYVE_ENOENT);
	}
}
