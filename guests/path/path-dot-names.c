/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "no entry is ever named . or ..",
	variants = [".", "..", "../..", "slash ..", "x/../..", "data/..", "data/."],
	files = { "data/f" = "", "secret" = "" }
)

void guest_main(void)
{
	static const char *const paths[] = {
		".", "..", "../..", "/..", "x/../..", "/data/..", "/data/.",
	};
	const char *path = FOR_VARIANT(paths);
	TEST("UHY-PATH-029", "O_CREAT, and what comes after") {
		expect_error(
			file_open(path, UHYVE_O_CREAT | UHYVE_O_RDWR, 0644));
		expect_fd(file_open("/data/f", UHYVE_O_RDONLY, 0));
		expect_error(file_open("../secret", UHYVE_O_RDONLY, 0));
		expect_error(file_open("/data/../secret", UHYVE_O_RDONLY, 0));
	}
}
