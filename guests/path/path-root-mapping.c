/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a mapping of the root has all names but those of other mappings",
	needs = ["nested-mappings"],
	files = { "data/f" = "of the root", "data/d/g" = "deeper", "data/in/f" = "hidden",
		"inner/f" = "inner" },
	mappings = { "/" = "data", "/in" = "inner" },
	after = [
		{ path = "data/made", content = "made", id = "UHY-PATH-104" },
		{ path = "data/d/g", absent = true, id = "UHY-PATH-104" },
		{ path = "data/in/f", content = "hidden", id = "UHY-PATH-104" }
	]
)

void guest_main(void)
{
	TEST("UHY-PATH-104", "read, created and removed") {
		expect_content("/f", "of the root");
		expect_content("/d/g", "deeper");
		expect_content("d/../in/../f", "of the root");
		expect_content("/in/f", "inner");
		int32_t fd = file_open("/made", UHYVE_O_CREAT | UHYVE_O_WRONLY,
				       0644);
		expect_fd(fd);
		expect_eq(file_write(fd, "made", 4), 4);
		expect_eq(file_unlink("/d/g"), 0);
		expect_eq(file_open("/none/x", UHYVE_O_CREAT | UHYVE_O_WRONLY,
				    0644),
			  -UHYVE_ENOENT);
	}
}
