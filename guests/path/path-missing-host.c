/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a host file that is missing, mapped by itself",
	variants = {
		"once" = { after = [
			{ path = "out/new", content = "made", id = "UHY-PATH-103" }
		] },
		"again" = { descriptors = 256 }
	},
	mappings = { "/new" = "out/new" },
	missing = ["out/new"],
	files = { "out" = { dir = true } }
)

#define CREATE (UHYVE_O_CREAT | UHYVE_O_WRONLY)

/* More often than the hypervisor may have descriptors. */
static void make_again(void)
{
	for (int i = 0; i < 300; i++) {
		int32_t fd = file_open("/new", CREATE, 0644);
		if (fd >= 0)
			file_close(fd);
		file_unlink("/new");
	}
	for (int i = 0; i < 8; i++)
		expect_fd(file_open("/new", CREATE, 0644));
}

void guest_main(void)
{
	TEST_IN(VARIANT(0), "UHY-PATH-103", "missing, then created")
	{
		expect_eq(file_open("/new", UHYVE_O_RDONLY, 0), -UHYVE_ENOENT);
		int32_t fd = file_open("/new", CREATE, 0644);
		expect_fd(fd);
		expect_eq(file_write(fd, "made", 4), 4);
	}
	TEST_IN(VARIANT(1), "UHY-ROB-004", "created and removed 300 times")
	{
		make_again();
	}
}
