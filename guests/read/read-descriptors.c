/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "descriptors that cannot be read from",
	files = {
		"data/f" = "0123456789", "data/gone" = "kept",
		"data/sub" = { dir = true }
	}
)

static uint8_t buf[16];

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	int32_t writer = file_open("/data/f", UHYVE_O_WRONLY, 0);
	int32_t directory = file_open("/data/sub", UHYVE_O_DIRECTORY, 0);
	int32_t gone = file_open("/data/gone", UHYVE_O_RDONLY, 0);
	memset(buf, 0xee, sizeof(buf));
	TEST("UHY-READ-020", "length 0") {
		expect_eq(file_read(fd, buf, 0), 0);
		expect_filled(buf, 0xee, 16);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 0);
	}
	TEST("UHY-READ-033", "opened with O_WRONLY") {
		expect_eq(file_read(writer, buf, 4), -UHYVE_EBADF);
		expect_filled(buf, 0xee, 16);
	}
	TEST("UHY-READ-034", "a directory") {
		expect_one_of(file_read(directory, buf, 4), -UHYVE_EISDIR,
			      -UHYVE_EBADF);
		/* At the last position, if it has that. */
		file_lseek(directory, INT64_MAX, UHYVE_SEEK_SET);
		expect_one_of(file_read(directory, buf, 4), -UHYVE_EISDIR,
			      -UHYVE_EBADF);
		file_lseek(directory, 0, UHYVE_SEEK_SET);
	}
	TEST("UHY-READ-035", "a directory: EISDIR") {
		expect_eq(file_read(directory, buf, 4), -UHYVE_EISDIR);
	}
	TEST("UHY-READ-012", "an unlinked file") {
		expect_eq(file_unlink("/data/gone"), 0);
		expect_eq(file_read(gone, buf, 16), 4);
		expect_bytes(buf, "kept", 4);
	}
}
