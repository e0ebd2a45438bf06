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

static uint64_t flags_before;

static void registers_are_kept(void)
{
	expect_bytes(registers_after, registers_before, 8 * REGISTER_FLAGS);
}

static void flags_are_kept(void)
{
	expect_eq(registers_after[REGISTER_FLAGS], flags_before);
}

static void with_pattern(uint64_t seed, uint64_t before, void (*check)(void))
{
	flags_before = before;
	registers_each_call(seed, before, check);
	registers_call(UHYVE_SERIAL_WRITE_BYTE, '\n');
	registers_are_kept();
}

void guest_main(void)
{
	samples_open();
	TEST("UHY-CALL-020", "sixteen registers") {
		with_pattern(0x9e3779b97f4a7c15, flags[1], registers_are_kept);
		with_pattern(0xfedcba9876543211, flags[0], registers_are_kept);
	}
	TEST("UHY-CALL-021", "RFLAGS") {
		with_pattern(0, flags[0], flags_are_kept);
		with_pattern(0, flags[1], flags_are_kept);
	}
}
