/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a FIFO whose other end no one opens",
	variants = ["to-read", "to-write", "to-create", "below-it"],
	files = { "data/fifo" = { fifo = true } }
)

void guest_main(void)
{
	static const int32_t flags[] = {UHYVE_O_RDONLY, UHYVE_O_WRONLY,
					UHYVE_O_CREAT | UHYVE_O_WRONLY, 0};
	TEST_IN(VARIANTS(0, 2), "UHY-PATH-106",
		"a descriptor or an error, at once")
	{
		int32_t fd = file_open("/data/fifo", FOR_VARIANT(flags), 0644);
		if (fd < 0)
			expect_error(fd);
		else
			expect_fd(fd);
	}
	TEST_IN(VARIANT(3), "UHY-ROB-001", "as the parent of a name")
	{
		file_open("/data/fifo/f", UHYVE_O_RDONLY, 0);
		file_unlink("/data/fifo/f");
		expect(true);
	}
}
