/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a path that ends with the last byte of RAM",
	files = { "data/f" = "" },
	after = [
		{ path = "data/new", type = "file", id = "UHY-PATH-002" },
		{ path = "data/f", absent = true, id = "UHY-PATH-002" }
	]
)

static const char *last_in_ram(const char *text)
{
	size_t len = strlen(text) + 1;
	return memcpy(ram_tail(len), text, len);
}

void guest_main(void)
{
	TEST("UHY-PATH-002", "NUL is the last byte of RAM") {
		expect_fd(file_open(last_in_ram("/data/f"), UHYVE_O_RDONLY, 0));
		expect_fd(file_open(last_in_ram("/data/new"),
				    UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
		expect_eq(file_unlink(last_in_ram("/data/f")), 0);
	}
	TEST("UHY-PATH-009", "the empty path, which is that byte alone") {
		expect_eq(file_open(last_in_ram(""), UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
	}
}
