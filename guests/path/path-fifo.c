/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a FIFO whose other end no one opens",
	variants = ["to-read", "to-write", "to-create"],
	files = { "data/fifo" = { fifo = true } }
)

void guest_main(void)
{
	static const int32_t flags[] = {UHYVE_O_RDONLY, UHYVE_O_WRONLY,
					UHYVE_O_CREAT | UHYVE_O_WRONLY};
	TEST("UHY-PATH-106", "a descriptor or an error, at once") {
		int32_t fd = file_open("/data/fifo", FOR_VARIANT(flags), 0644);
		if (fd < 0)
			expect_error(fd);
		else
			expect_fd(fd);
	}
}
