/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a host file that is mapped by itself is removed, or is not",
	requirements = ["UHY-UNLINK-041"],
	mappings = { "/one" = "one.txt" },
	files = { "one.txt" = "alone" }
)

void guest_main(void)
{
	plan(1);
	TEST("UHY-UNLINK-041", "0 and missing, or an error and there") {
		char found[5] = "";
		int32_t error = file_unlink("/one");
		int32_t fd = file_open("/one", UHYVE_O_RDONLY, 0);
		if (error == 0) {
			expect_eq(fd, -UHYVE_ENOENT);
		} else {
			expect_error(error);
			expect_eq(file_read(fd, found, 5), 5);
			expect_bytes(found, "alone", 5);
		}
	}
}
