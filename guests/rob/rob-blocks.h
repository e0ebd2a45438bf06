/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blocks of random content, made of numbers that are interesting somewhere. */
#ifndef ROB_BLOCKS_H
#define ROB_BLOCKS_H

#include "test.h"

#include <uhyve_interface/calls.h>

#define ROB_BLOCKS 150

static uint64_t rob_state;

/* SplitMix64; the same numbers in every run. */
static uint64_t rob_random(void)
{
	uint64_t z = rob_state += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

static uint8_t rob_memory[64];

static uint64_t rob_number(void)
{
	const uint64_t r = rob_random();
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
		return uhyve_gpa_of(rob_memory).addr + (r >> 59);
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
 * Calls number with ROB_BLOCKS blocks. Descriptors 0 to 2 are left out: reading
 * from 0 may wait, writing to 1 and 2 is the console.
 */
static void rob_calls(uint16_t number, unsigned fd_offset)
{
	static uint64_t block[8];
	rob_state = number;
	for (int i = 0; i < ROB_BLOCKS; i++) {
		uint32_t fd;
		for (int k = 0; k < 5; k++)
			block[k] = rob_number();
		if (fd_offset) {
			memcpy(&fd, (uint8_t *)block + fd_offset - 1, 4);
			if (fd < 3)
				fd += 3;
			memcpy((uint8_t *)block + fd_offset - 1, &fd, 4);
		}
		/* A name now and then, and nothing that is one by accident. */
		memset(rob_memory, 0xff, sizeof(rob_memory));
		if (i % 4 == 0)
			memcpy(rob_memory, "x/y/z\0", 7);
		uhyve_call_block(number, block);
	}
}

#endif
