/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "error numbers of the file calls",
	files = { "data/f" = "0123456789", "data/dir" = { dir = true } }
)

#define LONG                                                                   \
	"/data/"                                                               \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"     \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"     \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"     \
	"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static uint8_t byte;

/* One failure of each kind that a guest can make without special set-up. */
static int64_t failure(unsigned n)
{
	switch (n) {
	case 0:
		return file_open("/data/none", UHYVE_O_RDONLY, 0);
	case 1:
		return file_open("/data/f", UHYVE_O_CREAT | UHYVE_O_EXCL, 0644);
	case 2:
		return file_open("/data/dir", UHYVE_O_WRONLY, 0);
	case 3:
		return file_open("/data/f", UHYVE_O_CREAT | UHYVE_O_DIRECTORY,
				 0644);
	case 4:
		return file_unlink("/data/none");
	case 5:
		return file_close(4711);
	case 6:
		return file_read(4711, &byte, 1);
	case 7:
		return file_lseek(4711, 0, UHYVE_SEEK_SET);
	case 8:
		return file_lseek(file_open("/data/f", UHYVE_O_RDONLY, 0), -1,
				  UHYVE_SEEK_SET);
	case 9:
		return file_open("/data/f/below", UHYVE_O_RDONLY, 0);
	case 10:
		return file_open(LONG, UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644);
	default:
		return 0;
	}
}

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	TEST("UHY-ERR-001", "failures are negative") {
		for (unsigned n = 0; n < 11; n++)
			expect_between(failure(n), INT64_MIN, -1);
	}
	TEST("UHY-ERR-003", "numbers are of Linux") {
		for (unsigned n = 0; n < 11; n++) {
			int64_t error = -failure(n);
			expect_between(error, 1, UHYVE_ERRNO_MAX);
			expect(error != 41 && error != 58);
		}
	}
	TEST("UHY-ERR-004", "ENOENT, EEXIST, EISDIR, EINVAL, EBADF") {
		expect_eq(failure(0), -UHYVE_ENOENT);
		expect_eq(failure(1), -UHYVE_EEXIST);
		expect_eq(failure(2), -UHYVE_EISDIR);
		expect_eq(failure(3), -UHYVE_EINVAL);
		expect_eq(failure(4), -UHYVE_ENOENT);
		expect_eq(failure(5), -UHYVE_EBADF);
		expect_eq(failure(6), -UHYVE_EBADF);
		expect_eq(failure(7), -UHYVE_EBADF);
		expect_eq(failure(8), -UHYVE_EINVAL);
	}
	TEST("UHY-ERR-006", "ENOTDIR and ENAMETOOLONG, or EPERM or EIO") {
		expect_one_of(failure(9), -UHYVE_ENOTDIR, -UHYVE_EPERM,
			      -UHYVE_EIO);
		expect_one_of(failure(10), -UHYVE_ENAMETOOLONG, -UHYVE_EPERM,
			      -UHYVE_EIO);
	}
	TEST("UHY-ERR-011", "a descriptor is as good as before") {
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 0);
		expect_eq(file_read(fd, &byte, 1), 1);
		expect_eq(byte, '0');
	}
}
