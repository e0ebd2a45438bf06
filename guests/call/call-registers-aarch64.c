/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"
#include "registers.h"

GUEST(
	summary = "calls preserve registers and condition flags",
	arch = ["aarch64"],
	files = { "data/in" = "0123456789abcdef" }
)

static void all_are_kept(void)
{
	expect_bytes(registers_after, registers_before, 8 * REGISTERS);
}

void guest_main(void)
{
	samples_open();
	TEST("UHY-CALL-025", "X0 to X30, SP and NZCV") {
		registers_each_call(0x9e3779b97f4a7c15, 0xf0000000,
				    all_are_kept);
		registers_each_call(0xfedcba9876543211, 0x50000000,
				    all_are_kept);
		registers_each_call(0, 0, all_are_kept);
	}
}
