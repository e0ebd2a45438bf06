/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a buffer that is the whole of RAM",
	memory = 16,
	files = { "data/out" = "" }
)

void guest_main(void)
{
	TEST("UHY-PTR-004", "FileWrite of it") {
		int32_t fd = file_open("/data/out", UHYVE_O_WRONLY, 0);
		uint64_t size = ram_end() - ram_start();
		expect_between(file_write_some(fd,
					       (void *)(uintptr_t)ram_start(),
					       size),
			       1, (int64_t)size);
		file_unlink("/data/out"); /* the host need not keep it */
	}
}
