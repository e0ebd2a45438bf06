/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "which bytes are a path, and which paths are refused",
	files = { "data/f" = "", "data/grüße" = "", "data/€" = "", "data/😀" = "" },
	after = [
		{ path = "data/новый", type = "file", id = "UHY-PATH-008" },
		{ path = "data/漢字", type = "file", id = "UHY-PATH-008" },
		{ path = "data/𝄞", type = "file", id = "UHY-PATH-008" }
	]
)

static const char *const malformed[] = {
	"/data/\xff",             /* never in UTF-8 */
	"/data/\x80",             /* a continuation alone */
	"/data/\xc3",             /* cut off by the NUL */
	"/data/\xe2\x82/f",       /* cut off by another character */
	"/data/\xc0\xaf",         /* overlong "/" */
	"/data/\xed\xa0\x80",     /* a surrogate */
	"/data/\xf4\x90\x80\x80", /* above U+10FFFF */
	"/data/\xf5\x80\x80\x80", /* a first byte that none has */
	"/data/\xe0\x9f\xbf",     /* overlong, of three bytes */
	"/data/\xf0\x8f\xbf\xbf", /* overlong, of four bytes */
	"/data/\xc3\xc0",         /* the second byte continues nothing */
	"/data/\xe2\x82\xc0",     /* the third byte continues nothing */
	"/data/\xf0\x9f\x98",     /* cut off by the NUL */
	"/data/\xf0\x9f\x98/f",   /* cut off by another character */
	"\xff/../data/f",         /* removed by cleaning */
};

/* The first and the last of two, three and four bytes, around the surrogates. */
static const char *const well_formed[] = {
	"/data/\xc2\x80",         "/data/\xdf\xbf",
	"/data/\xe0\xa0\x80",     "/data/\xed\x9f\xbf",
	"/data/\xee\x80\x80",     "/data/\xef\xbf\xbf",
	"/data/\xf0\x90\x80\x80", "/data/\xf4\x8f\xbf\xbf",
};

static void expect_created(const char *path)
{
	expect_fd(file_open(path, UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
}

void guest_main(void)
{
	static char path[] = "/data/f\0g";
	TEST("UHY-PATH-001", "bytes after the NUL do not matter") {
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
		for (size_t i = 0; i < sizeof(malformed) / sizeof(char *); i++)
			expect_eq(file_open(malformed[i],
					    UHYVE_O_CREAT | UHYVE_O_RDWR, 0644),
				  -UHYVE_EINVAL);
		expect_eq(file_unlink(malformed[0]), -UHYVE_EINVAL);
	}
	TEST("UHY-PATH-008", "UTF-8 beyond ASCII") {
		expect_fd(file_open("/data/grüße", UHYVE_O_RDONLY, 0));
		expect_fd(file_open("/data/€", UHYVE_O_RDONLY, 0));
		expect_fd(file_open("/data/😀", UHYVE_O_RDONLY, 0));
		expect_created("/data/новый");
		expect_created("/data/漢字");
		expect_created("/data/𝄞");
		for (size_t i = 0; i < 8; i++)
			expect_created(well_formed[i]);
	}
	TEST("UHY-PATH-009", "the empty path") {
		expect_eq(file_open("", UHYVE_O_RDONLY, 0), -UHYVE_ENOENT);
		expect_eq(file_unlink(""), -UHYVE_ENOENT);
	}
}
