/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a descriptor still works after a bad buffer",
	variants = ["read", "write"],
	files = { "data/f" = "0123456789" },
	after = [
		{ path = "data/f", content = "ab23456789", id = "UHY-ROB-008" }
	]
)

void guest_main(void)
{
	char found[4] = "";
	int32_t fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	void *behind = (void *)(uintptr_t)ram_end();
	TEST("UHY-ROB-008", "reading and writing after an error") {
		if (guest_variant() == 0)
			expect_error(file_read(fd, behind, 1));
		else
			expect_error(file_write(fd, behind, 1));
		expect_eq(file_write(fd, "ab", 2), 2);
		expect_eq(file_read(fd, found, 2), 2);
		expect_bytes(found, "23", 2);
	}
}
