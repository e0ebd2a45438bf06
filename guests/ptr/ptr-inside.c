/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "buffers anywhere in RAM",
	files = { "data/in" = "0123456789abcdefghijklmnopqrstuv" }
)

#define CONTENT "0123456789abcdefghijklmnopqrstuv"
#define LENGTH 32

static int32_t in, out;

/* The content of the file goes to the buffer, and from there to another file. */
static void through(uint8_t *buffer)
{
	uint8_t back[LENGTH] = {0};
	memset(buffer, 0, LENGTH);
	file_lseek(in, 0, UHYVE_SEEK_SET);
	expect_eq(file_read(in, buffer, LENGTH), LENGTH);
	expect_bytes(buffer, CONTENT, LENGTH);
	file_lseek(out, 0, UHYVE_SEEK_SET);
	expect_eq(file_write(out, buffer, LENGTH), LENGTH);
	file_lseek(out, 0, UHYVE_SEEK_SET);
	expect_eq(file_read(out, back, LENGTH), LENGTH);
	expect_bytes(back, CONTENT, LENGTH);
}

static uint8_t *mapped(uint64_t address)
{
	map_ram(address, LENGTH);
	return (uint8_t *)(uintptr_t)address;
}

void guest_main(void)
{
	static uint8_t data[LENGTH + 8] __attribute__((aligned(8)));
	uint64_t high = ram_start() + 0x2000000;
	in = file_open("/data/in", UHYVE_O_RDONLY, 0);
	out = file_open("/data/out", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
	uint8_t stack[LENGTH];
	TEST("UHY-PTR-001", "in the image, on the stack, far from the image") {
		through(data);
		through(stack);
		through(mapped(high + 0x100040));
	}
	TEST("UHY-PTR-003", "the last bytes of RAM") {
		through(ram_tail(LENGTH));
	}
	TEST("UHY-PTR-005", "across a multiple of 4 KiB") {
		through(mapped(high + 0x3000 - 1));
		through(mapped(high + 0x5000 - LENGTH + 1));
	}
	TEST("UHY-PTR-006", "across a multiple of 2 MiB") {
		through(mapped(high - 1));
		through(mapped(high + 0x200000 - LENGTH / 2));
	}
	TEST("UHY-PTR-007", "eight alignments") {
		for (unsigned i = 0; i < 8; i++)
			through(data + i);
	}
}
