/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "private names belong to one run of the guest",
	variants = {
		"one-run" = {}, "another-run" = {}, "nothing-mapped" = { mappings = {} }
	}
)

#define CREATE (UHYVE_O_CREAT | UHYVE_O_RDWR)

void guest_main(void)
{
	char found[8] = "";
	int32_t fd = UNANSWERED;
	TEST("UHY-PATH-073", "nothing is left from another run") {
		expect_eq(file_open("/private", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
	}
	TEST("UHY-PATH-043", "host files of the same name") {
		expect_eq(file_open("/etc/passwd", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_open("/dev/null", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_open("/proc/self/exe", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
	}
	TEST("UHY-PATH-070", "a missing name without O_CREAT") {
		expect_eq(file_open("/nothing", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_open("/nothing", UHYVE_O_RDWR, 0),
			  -UHYVE_ENOENT);
	}
	TEST("UHY-PATH-071", "a new name with O_CREAT") {
		fd = file_open("/private", CREATE, 0644);
		expect_fd(fd);
		expect_eq(file_read(fd, found, 8), 0);
	}
	TEST("UHY-PATH-072", "its content is there after it was closed") {
		expect_eq(file_write(fd, "content", 7), 7);
		expect_eq(file_close(fd), 0);
		fd = file_open("/private", UHYVE_O_RDONLY, 0);
		expect_fd(fd);
		expect_eq(file_read(fd, found, 8), 7);
		expect_bytes(found, "content", 7);
	}
	TEST("UHY-PATH-074", "other paths to it") {
		expect_fd(file_open("private", UHYVE_O_RDONLY, 0));
		expect_fd(file_open("/x/..//./private", UHYVE_O_RDONLY, 0));
		expect_eq(file_open("private", CREATE | UHYVE_O_EXCL, 0644),
			  -UHYVE_EEXIST);
	}
	TEST("UHY-PATH-075", "below a parent that is missing: made or not") {
		fd = file_open("/made/up/f", CREATE, 0644);
		if (fd < 0) {
			expect_error(fd);
		} else {
			expect_fd(fd);
			expect_fd(file_open("/made/up/f", UHYVE_O_RDONLY, 0));
		}
	}
	TEST("UHY-PATH-076", "below a private file") {
		expect_error(file_open("/private/f", CREATE, 0644));
		expect_error(file_open("/private/f", UHYVE_O_RDONLY, 0));
		expect_fd(file_open("/private", UHYVE_O_RDONLY, 0));
	}
}
