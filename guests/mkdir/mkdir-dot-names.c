/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "no directory is ever named . or .., or has an empty name",
	needs = ["interface-3"],
	files = { "data/f" = "", "secret" = "" }
)

void guest_main(void)
{
	static const char *const paths[] = {".", "..", "../..", "x/../.."};
	TEST("UHY-MKDIR-015", "the empty path") {
		expect_eq(dir_make(""), -UHYVE_ENOENT);
	}
	TEST("UHY-MKDIR-020", "other names of the root") {
		for (size_t i = 0; i < 4; i++)
			expect_error(dir_make(paths[i]));
		expect_fd(file_open("/data/f", UHYVE_O_RDONLY, 0));
		expect_error(file_open("../secret", UHYVE_O_RDONLY, 0));
	}
}
