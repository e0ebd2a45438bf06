/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a path without a NUL before the end of RAM names nothing",
	files = { "data/kept" = "" },
	after = [
		{ path = "data/new", absent = true, id = "UHY-PATH-005" },
		{ path = "data/kept", type = "file", id = "UHY-PATH-005" }
	]
)

/* text without its NUL as the last bytes of RAM. */
static const char *cut_off(const char *text)
{
	size_t len = strlen(text);
	return memcpy(ram_tail(len), text, len);
}

void guest_main(void)
{
	TEST("UHY-PATH-005", "no name is made or removed by such a path") {
		expect_error(file_open(cut_off("/data/new"),
				       UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644));
		expect_error(file_unlink(cut_off("/data/kept")));
	}
}
