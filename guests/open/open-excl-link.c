/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "O_EXCL does not follow symbolic links",
	needs = ["symlinks"],
	files = {
		"data/f" = "", "data/link" = { symlink = "f" },
		"data/dangling" = { symlink = "missing" }
	},
	after = [{ path = "data/missing", absent = true, id = "UHY-OPEN-016" }]
)

#define EXCLUSIVE (UHYVE_O_CREAT | UHYVE_O_EXCL | UHYVE_O_RDWR)

void guest_main(void)
{
	TEST("UHY-OPEN-016", "a link to a file, a link to nothing") {
		expect_eq(file_open("/data/link", EXCLUSIVE, 0644),
			  -UHYVE_EEXIST);
		expect_eq(file_open("/data/dangling", EXCLUSIVE, 0644),
			  -UHYVE_EEXIST);
	}
}
