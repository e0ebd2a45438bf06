/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The image overwrites its own file, then cuts it off. What it reads afterwards
 * was never touched before, so that a hypervisor which reads the file late shows it.
 */
#include "test.h"

GUEST(
	summary = "the image's file changes while the guest runs",
	requirements = ["UHY-BOOT-027"],
	mappings = { "/self" = "guest.elf" },
	variants = ["overwritten", "cut-off"]
)

#define PAGES 64u
#define CODE 8u /* pages of the file, its header among them */

static volatile uint8_t pages[PAGES][4096] = {{1}};
#define WORD(n) (0x5a17u * ((n) + 1))
static const volatile uint32_t words[] = {WORD(0), WORD(1), WORD(2), WORD(3)};

static void overwrite(int32_t fd)
{
	static uint8_t other[4096];
	memset(other, 0xcc, sizeof(other));
	for (unsigned i = 0; i < CODE; i++)
		expect_eq(file_write(fd, other, sizeof(other)), sizeof(other));
}

void guest_main(void)
{
	plan(1);
	TEST("UHY-BOOT-027", "memory is as it was") {
		bool cut = guest_variant() == 1;
		int32_t fd = file_open(
			"/self", UHYVE_O_WRONLY | (cut ? UHYVE_O_TRUNC : 0), 0);
		expect_fd(fd);
		if (!cut)
			overwrite(fd);
		for (unsigned i = 0; i < PAGES; i++)
			expect_eq(pages[i][4095], 0);
		for (unsigned i = 0; i < 4; i++)
			expect_eq(words[i], WORD(i));
		expect_eq(pages[0][0], 1);
	}
}
