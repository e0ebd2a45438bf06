/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"
#include "registers.h"

GUEST(
	summary = "calls preserve general-purpose registers and flags",
	also = [3],
	arch = ["x86_64"],
	files = { "data/in" = "0123456789abcdef" }
)

/* CF PF AF ZF SF DF OF, AC and ID; only the reserved bit 1. */
static const uint64_t flags[] = {0x240cd7, 0x2};

static void with_pattern(uint64_t seed, uint64_t flag, bool ask_flags)
{
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_call_info *info;
	for (unsigned i = 0; (info = uhyve_call_at(i)); i++) {
		if (info->since != 2 || !info->block_size ||
		    info->number == UHYVE_SERIAL_READ_BUFFER)
			continue;
		sample(info->number, block);
		for (unsigned r = 0; r < REGISTER_FLAGS; r++)
			registers_before[r] = seed * (2 * r + 3);
		registers_before[REGISTER_FLAGS] = flag;
		registers_call(info->number, (uint64_t)(uintptr_t)block);
		if (ask_flags)
			expect_eq(registers_after[REGISTER_FLAGS], flag);
		else
			expect_bytes(registers_after, registers_before,
				     8 * REGISTER_FLAGS);
	}
	registers_call(UHYVE_SERIAL_WRITE_BYTE, '\n');
	expect_bytes(registers_after, registers_before, 8 * REGISTER_FLAGS);
}

void guest_main(void)
{
	samples_open();
	TEST("UHY-CALL-020", "sixteen registers") {
		with_pattern(0x9e3779b97f4a7c15, flags[1], false);
		with_pattern(0xfedcba9876543211, flags[0], false);
	}
	TEST("UHY-CALL-021", "RFLAGS") {
		with_pattern(0, flags[0], true);
		with_pattern(0, flags[1], true);
	}
}
