/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blocks of random content, made of numbers that are interesting somewhere. */
#include "fields.h"

GUEST(
	summary = "the guest continues after blocks of any content",
	variants = {
		open = {}, close = {}, read = {}, write = {}, lseek = {}, unlink = {},
		getdents = { needs = ["interface-3"], after = [] },
		stat = { needs = ["interface-3"], after = [] },
		fstat = { needs = ["interface-3"], after = [] },
		mkdir = { needs = ["interface-3"], after = [] }
	},
	files = { "data/f" = "0123456789" },
	after = [
		{ path = "data/f", content = "0123456789", id = "UHY-ROB-001" }
	]
)

#define BLOCKS_H

#include "test.h"

#include <uhyve_interface/calls.h>

#define BLOCKS 150

static uint64_t state; /* the same numbers in every run */

static uint8_t memory[64];

static uint64_t number64(void)
{
	const uint64_t r = random_next(&state);
	switch (r % 12) {
	case 0:
		return 0;
	case 1:
		return UINT64_MAX;
	case 2:
		return ram_end() - (r >> 60);
	case 3:
		return ram_start() - (r >> 60);
	case 4:
	case 5:
	case 6:
		return uhyve_gpa_of(memory).addr + (r >> 59);
	case 7:
		return UINT64_C(1) << (r >> 58);
	case 8:
		return 3 + (r >> 62);
	case 9:
		return (r >> 58) + 1;
	case 10:
		return (3 + (r >> 62)) << 32 | (r >> 40 & 0xff);
	default:
		return r;
	}
}

/*
 * Calls number with BLOCKS blocks. Descriptors 0 to 2 are left out: reading
 * from 0 may wait, writing to 1 and 2 is the console.
 */
static void call_with_blocks(uint16_t number, unsigned fd_offset)
{
	static uint64_t block[8];
	state = number;
	for (int i = 0; i < BLOCKS; i++) {
		for (int k = 0; k < 5; k++)
			block[k] = number64();
		uint32_t fd;
		if (fd_offset) {
			memcpy(&fd, (uint8_t *)block + fd_offset - 1, 4);
			if (fd < 3)
				fd += 3;
			memcpy((uint8_t *)block + fd_offset - 1, &fd, 4);
		}
		/* A name now and then, and nothing that is one by accident. */
		memset(memory, 0xff, sizeof(memory));
		if (i % 4 == 0)
			memcpy(memory, "x/y/z\0", 7);
		uhyve_call_block(number, block);
	}
}

/* The number of a call, and after which byte its descriptor is. */
static const struct {
	uint16_t number;
	unsigned fd_offset;
} calls[] = {
	{UHYVE_FILE_OPEN, 0},   {UHYVE_FILE_CLOSE, 1},  {UHYVE_FILE_READ, 25},
	{UHYVE_FILE_WRITE, 25}, {UHYVE_FILE_LSEEK, 13}, {UHYVE_FILE_UNLINK, 0},
	{UHYVE_GETDENTS, 1},    {UHYVE_FILE_STAT, 0},   {UHYVE_FILE_FSTAT, 1},
	{UHYVE_MKDIR, 0},
};

/* Many blocks, and then an ordinary call. */
static void continues(void)
{
	/* Descriptors 3 and 4, for the blocks. */
	file_open("/data", UHYVE_O_DIRECTORY, 0);
	file_open("/data/f", UHYVE_O_RDONLY, 0);
	call_with_blocks(FOR_VARIANT(calls).number,
			 FOR_VARIANT(calls).fd_offset);
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	expect_fd(fd);
	char found[16];
	expect_eq(file_read(fd, found, 16), 10);
}

void guest_main(void)
{
	TEST_IN(VARIANTS(0, 5), "UHY-ROB-001", "a call of interface 2")
	{
		continues();
	}
	TEST_IN(VARIANTS(6, 9), "UHY-ROB-002", "a call of interface 3")
	{
		continues();
	}
}
