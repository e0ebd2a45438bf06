/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "private directories",
	needs = ["interface-3"]
)

void guest_main(void)
{
	struct uhyve_file_attr attr;
	TEST("UHY-MKDIR-007", "a new one, and a file in it") {
		expect_eq(dir_make("/private"), 0);
		expect_eq(file_stat("/private", UHYVE_STAT_FOLLOW, &attr), 0);
		expect_eq(attr.st_mode & UHYVE_S_IFMT, UHYVE_S_IFDIR);
		expect_fd(file_open("/private/f", UHYVE_O_CREAT | UHYVE_O_RDWR,
				    0644));
		expect_fd(file_open("/private/f", UHYVE_O_RDONLY, 0));
		expect_fd(file_open("/private", UHYVE_O_DIRECTORY, 0));
	}
	TEST("UHY-MKDIR-014", "private names that exist, the root") {
		expect_eq(dir_make("/private"), -UHYVE_EEXIST);
		expect_eq(dir_make("/private/f"), -UHYVE_EEXIST);
		expect_eq(dir_make("/"), -UHYVE_EEXIST);
	}
}
