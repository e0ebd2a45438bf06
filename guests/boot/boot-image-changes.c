/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The image overwrites a constant of its own in the file, or cuts the file off. A
 * hypervisor that keeps the file mapped shows it.
 */
#include "test.h"

GUEST(
	summary = "the image's file changes while the guest runs",
	mappings = { "/self" = "guest.elf" },
	variants = ["overwritten", "cut-off"]
)

/* Places in a 64-bit ELF file: e_phoff, and p_offset in a program header. */
enum { PHOFF = 32, OFFSET = 8, PAGES = 64 };

static volatile uint8_t pages[PAGES][4096] = {{1}};
static const char constant[] = "this stays as it is";

static uint64_t number_at(int32_t fd, uint64_t place)
{
	uint64_t number = 0;
	file_lseek(fd, (int64_t)place, UHYVE_SEEK_SET);
	expect_eq(file_read(fd, &number, sizeof(number)), sizeof(number));
	return number;
}

static void overwrite(int32_t fd)
{
	static const char other[sizeof(constant)] = "this is another one";
	uint64_t first = number_at(fd, number_at(fd, PHOFF) + OFFSET);
	int64_t at = (int64_t)first + (constant - (const char *)guest_image);
	file_lseek(fd, at, UHYVE_SEEK_SET);
	char found[sizeof(constant)];
	expect_eq(file_read(fd, found, sizeof(found)), sizeof(found));
	expect_bytes(found, constant, sizeof(constant));
	file_lseek(fd, at, UHYVE_SEEK_SET);
	expect_eq(file_write(fd, other, sizeof(other)), sizeof(other));
}

void guest_main(void)
{
	static const int32_t flags[] = {UHYVE_O_RDWR,
					UHYVE_O_RDWR | UHYVE_O_TRUNC};
	unsigned variant = guest_variant();
	TEST("UHY-BOOT-027", "memory is as it was") {
		const char *volatile here = constant;
		int32_t fd = file_open("/self", FOR_VARIANT(flags), 0);
		expect_fd(fd);
		if (variant == 0)
			overwrite(fd);
		expect_bytes(here, "this stays as it is", sizeof(constant));
		for (unsigned i = 0; i < PAGES; i++)
			expect_eq(pages[i][4095], 0);
		expect_eq(pages[0][0], 1);
	}
}
