/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"
#include "registers.h"

GUEST(
	summary = "calls preserve registers",
	arch = ["riscv64"],
	files = { "data/in" = "0123456789abcdef" }
)

static void with_pattern(uint64_t seed)
{
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_call_info *info;
	for (unsigned i = 0; (info = uhyve_call_at(i)); i++) {
		if (info->since != 2 || !info->block_size ||
		    info->number == UHYVE_SERIAL_READ_BUFFER)
			continue;
		sample(info->number, block);
		for (unsigned r = 1; r < REGISTERS; r++)
			registers_before[r] = seed * (2 * r + 3);
		registers_call(info->number, (uint64_t)(uintptr_t)block);
		expect_bytes(registers_after, registers_before, 8 * REGISTERS);
	}
}

void guest_main(void)
{
	samples_open();
	TEST("UHY-CALL-028", "X1 to X31") {
		with_pattern(0x9e3779b97f4a7c15);
		with_pattern(0xfedcba9876543211);
		with_pattern(0);
	}
}
