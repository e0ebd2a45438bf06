/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a mapped directory cannot be unlinked, and stays mapped",
	files = { "data/f" = "kept" },
	after = [{ path = "data/f", content = "kept", id = "UHY-UNLINK-009" }]
)

void guest_main(void)
{
	TEST("UHY-UNLINK-009", "the guest path of a mapping") {
		expect_error(file_unlink("/data"));
	}
	TEST("UHY-UNLINK-010", "the mapping works") {
		expect_fd(file_open("/data/f", UHYVE_O_RDONLY, 0));
		expect_fd(file_open("/data", UHYVE_O_DIRECTORY, 0));
	}
}
