/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "permissions of new files and of files that exist",
	files = { "data/f" = { content = "", mode = "604" } },
	variants = {
		"027" = { umask = "027", after = [
			{ path = "data/644", mode = "640", id = "UHY-OPEN-006" },
			{ path = "data/777", mode = "750", id = "UHY-OPEN-006" },
			{ path = "data/600", mode = "600", id = "UHY-OPEN-006" },
			{ path = "data/000", mode = "000", id = "UHY-OPEN-006" },
			{ path = "data/f", mode = "604", id = "UHY-OPEN-019" }
		] },
		"002" = { umask = "002", after = [
			{ path = "data/644", mode = "644", id = "UHY-OPEN-006" },
			{ path = "data/777", mode = "775", id = "UHY-OPEN-006" },
			{ path = "data/f", mode = "604", id = "UHY-OPEN-019" }
		] }
	}
)

#define CREATE (UHYVE_O_CREAT | UHYVE_O_WRONLY)

void guest_main(void)
{
	TEST("UHY-OPEN-006", "mode less the mask; the host looks") {
		expect_fd(file_open("/data/644", CREATE, 0644));
		expect_fd(file_open("/data/777", CREATE, 0777));
		expect_fd(file_open("/data/600", CREATE, 0600));
		expect_fd(file_open("/data/000", CREATE, 0));
	}
	TEST("UHY-OPEN-019", "a file that exists; the host looks") {
		expect_fd(file_open("/data/f", CREATE, 0777));
		expect_fd(file_open("/data/f", CREATE | UHYVE_O_TRUNC, 0777));
	}
}
