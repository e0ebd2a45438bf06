/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a host file that is missing, mapped by itself",
	mappings = { "/new" = "out/new" },
	missing = ["out/new"],
	files = { "out" = { dir = true } },
	after = [{ path = "out/new", content = "made", id = "UHY-PATH-103" }]
)

void guest_main(void)
{
	TEST("UHY-PATH-103", "missing, then created") {
		expect_eq(file_open("/new", UHYVE_O_RDONLY, 0), -UHYVE_ENOENT);
		int32_t fd =
			file_open("/new", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644);
		expect_fd(fd);
		expect_eq(file_write(fd, "made", 4), 4);
	}
}
