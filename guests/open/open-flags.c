/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "flag bits without a meaning have no effect",
	files = { "data/f" = "0123456789" },
	after = [
		{ path = "data/f", content = "!123456789", id = "UHY-OPEN-040" }
	]
)

/* True if data/f opened with these flags is an ordinary descriptor. */
static void expect_ordinary(uint32_t flags)
{
	char found[4] = "";
	int32_t fd = file_open("/data/f", (int32_t)(flags | UHYVE_O_RDWR), 0);
	expect_fd(fd);
	if (fd < 3)
		return;
	expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 0);
	if (expect_eq(file_read(fd, found, 3), 3))
		expect_bytes(found + 1, "12", 2);
	expect_eq(file_lseek(fd, 0, UHYVE_SEEK_SET), 0);
	expect_eq(file_close(fd), 0);
}

void guest_main(void)
{
	TEST("UHY-OPEN-040", "each bit alone, and all of them") {
		for (unsigned bit = 2; bit < 32; bit++)
			if (!(UHYVE_O_ALLOWED >> bit & 1))
				expect_ordinary(1u << bit);
		expect_ordinary(~(uint32_t)UHYVE_O_ALLOWED);
		int32_t fd = file_open("/data/f",
				       ~UHYVE_O_ALLOWED | UHYVE_O_WRONLY, 0);
		expect_eq(file_write(fd, "!", 1), 1);
	}
}
