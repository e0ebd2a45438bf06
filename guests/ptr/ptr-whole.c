/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer that is the whole of RAM",
	requirements = ["UHY-PTR-004"],
	memory = 16,
	files = { "data/empty" = "" }
)

void guest_main(void)
{
	plan(1);
	TEST("UHY-PTR-004", "FileRead at the end of a file finds nothing") {
		int32_t fd = file_open("/data/empty", UHYVE_O_RDONLY, 0);
		expect_eq(file_read(fd, (void *)(uintptr_t)ram_start(),
				    ram_end() - ram_start()),
			  0);
	}
}
