/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "directories that only the guest sees are not removed",
	variants = { "parents" = {}, "made" = { needs = ["interface-3"] } }
)

enum { PARENTS, MADE };

/* True if there is such a directory; a parent need not be one. */
static bool is_directory(const char *dir)
{
	int32_t fd = file_open(dir, UHYVE_O_DIRECTORY, 0);
	if (fd < 0)
		return !expect(guest_variant() == PARENTS);
	file_close(fd);
	return true;
}

/* A directory with a file; a hypervisor need not invent the parent. */
static bool make(const char *dir, const char *file)
{
	if (guest_variant() == MADE)
		expect_eq(dir_make(dir), 0);
	int32_t fd = file_open(file, UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
	if (guest_variant() == PARENTS && fd < 0)
		return !expect_error(fd);
	return expect_fd(fd) && is_directory(dir);
}

void guest_main(void)
{
	TEST("UHY-UNLINK-007", "with a file, and empty") {
		if (make("/p", "/p/f")) {
			expect_one_of(file_unlink("/p"), -UHYVE_EISDIR,
				      -UHYVE_EPERM);
			expect_eq(file_unlink("/p/f"), 0);
			if (is_directory("/p"))
				expect_one_of(file_unlink("/p"), -UHYVE_EISDIR,
					      -UHYVE_EPERM);
		}
	}
	TEST("UHY-UNLINK-008", "an empty one is still a directory") {
		if (make("/q", "/q/f")) {
			file_unlink("/q/f");
			if (is_directory("/q")) {
				file_unlink("/q");
				expect_fd(
					file_open("/q", UHYVE_O_DIRECTORY, 0));
			}
		}
	}
	TEST("UHY-UNLINK-011", "what it holds is still there") {
		if (make("/r", "/r/f")) {
			expect_error(file_unlink("/r"));
			expect_fd(file_open("/r/f", UHYVE_O_RDONLY, 0));
		}
	}
}
