/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "what a failure shows: a path, a buffer, bytes that differ")

void guest_main(void)
{
	static char bytes[32] = "the same, then x";
	TEST("UHY-OPEN-001", "a path and a number")
		expect_eq(file_open("/data/absent", UHYVE_O_RDONLY, 0), 3);
	TEST("UHY-OPEN-002", "bytes and a buffer") {
		struct uhyve_write_params block = {
			.fd = -1, .buf = uhyve_gpa_of("written"), .len = 7};
		call(UHYVE_FILE_WRITE, &block);
		expect_bytes(bytes, "the same, then y", 16);
	}
}
