/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the guest continues after each call that reports an error",
	variants = ["FileOpen", "FileClose", "FileRead", "FileWrite", "FileWrite-read-only",
		"FileLseek", "FileUnlink"],
	files = { "data/f" = "" }
)

void guest_main(void)
{
	static uint8_t byte;
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	unsigned n = guest_variant_of(7);
	TEST("UHY-ERR-007", "an error, then another call") {
		int64_t result =
			n == 0   ? file_open("/data/none", UHYVE_O_RDONLY, 0)
			: n == 1 ? file_close(4711)
			: n == 2 ? file_read(4711, &byte, 1)
			: n == 3 ? file_write(4711, &byte, 1)
			: n == 4 ? file_write(fd, &byte, 1)
			: n == 5 ? file_lseek(4711, 0, UHYVE_SEEK_SET)
				 : file_unlink("/data/none");
		expect_error(result);
		expect_eq(file_close(fd), 0);
	}
}
