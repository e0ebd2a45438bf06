/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "at the largest size of a file",
	variants = ["at-it", "across-it"]
)

/* The largest position that FileLseek grants: that of the largest file. */
static int64_t largest_position(int32_t fd)
{
	int64_t position = 0;
	for (int64_t step = INT64_C(1) << 62; step; step >>= 1)
		if (file_lseek(fd, position + step, UHYVE_SEEK_SET) >= 0)
			position += step;
	return position;
}

void guest_main(void)
{
	int32_t fd = file_open("/data/f", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
	int64_t position = largest_position(fd), n = 0;
	file_unlink("/data/f"); /* no one should read so many zeros */
	if (guest_variant() == 1)
		position--;
	TEST("UHY-WRITE-013", "the host cannot store all of it") {
		expect_eq(file_lseek(fd, position, UHYVE_SEEK_SET), position);
		n = file_write_some(fd, "abcd", 4);
		if (n > 0)
			expect_between(n, 1, 4);
		else
			expect_error(n);
	}
	TEST("UHY-WRITE-014", "the count is what was stored") {
		if (n > 0)
			expect_eq(file_lseek(fd, 0, UHYVE_SEEK_END),
				  position + n);
		else
			expect(file_lseek(fd, 0, UHYVE_SEEK_END) <= position);
	}
}
