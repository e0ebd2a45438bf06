/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "FileLseek on directories gives a position or an error number",
	variants = {
		"mapped" = {}, "made" = { needs = ["interface-3"] },
		"parent" = {}
	},
	files = { "data/sub/f" = "" }
)

static int32_t open_directory(unsigned variant)
{
	if (variant == 0)
		return file_open("/data/sub", UHYVE_O_DIRECTORY, 0);
	if (variant == 1)
		dir_make("/p");
	else if (file_open("/p/f", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644) < 0)
		return -1; /* parents need not be invented */
	return file_open("/p", UHYVE_O_DIRECTORY, 0);
}

void guest_main(void)
{
	static const int64_t places[] = {0, 1, 1ll << 62, INT64_MAX};
	int32_t fd = open_directory(guest_variant());
	TEST("UHY-LSEEK-026", "the largest and the smallest offset") {
		if (fd < 0)
			expect(guest_variant() == 2);
		for (unsigned i = 0; fd >= 0 && i < 4; i++)
			for (uint32_t whence = 0; whence <= 2; whence++) {
				file_lseek(fd, places[i], UHYVE_SEEK_SET);
				expect_between(
					file_lseek(fd, INT64_MAX, whence),
					-UHYVE_ERRNO_MAX, INT64_MAX);
				expect_between(
					file_lseek(fd, INT64_MIN, whence),
					-UHYVE_ERRNO_MAX, INT64_MAX);
			}
	}
}
