/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "registers.h"

#include "fields.h"

void registers_each_call(uint64_t seed, uint64_t flags, void (*check)(void))
{
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_call_info *info;
	for (unsigned i = 0; (info = uhyve_call_at(i)); i++) {
		if (info->since != 2 || !info->block_size ||
		    info->number == UHYVE_SERIAL_READ_BUFFER)
			continue;
		sample(info->number, block);
		for (unsigned r = REGISTER_FIRST; r < REGISTER_FLAGS; r++)
			registers_before[r] = seed * (2 * r + 3);
		for (unsigned r = REGISTER_FLAGS; r < REGISTERS; r++)
			registers_before[r] = flags;
		registers_call(info->number, (uint64_t)(uintptr_t)block);
		check();
	}
}
