/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"
#include "registers.h"

GUEST(
	summary = "reading a number makes no call",
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	samples_open();
	const struct uhyve_call_info *info;
	TEST("UHY-CALL-042", "the guest continues") {
		for (unsigned i = 0; (info = uhyve_call_at(i)); i++)
			read_number(info->number, UINT64_MAX);
		expect(true);
	}
	uint64_t before[MAX_BLOCK / 8];
	TEST("UHY-CALL-040", "the block stays as it is") {
		for (unsigned i = 0; (info = uhyve_call_at(i)); i++) {
			if (info->number == UHYVE_SERIAL_READ_BYTE)
				continue;
			if (info->since == 2)
				sample(info->number, block);
			memcpy(before, block, sizeof(block));
			read_number(info->number, (uint64_t)(uintptr_t)block);
			expect_bytes(block, before, sizeof(block));
			expect_filled(sample_out, 0xee, sizeof(sample_out));
		}
	}
	TEST("UHY-CALL-041", "the value is 0") {
		for (unsigned i = 0; (info = uhyve_call_at(i)); i++)
			if (info->number != UHYVE_SERIAL_READ_BYTE)
				expect_eq(
					read_number(info->number,
						    (uint64_t)(uintptr_t)block),
					0);
	}
}
