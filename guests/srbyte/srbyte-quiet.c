/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"
#include "registers.h"

GUEST(
	summary = "the number of SerialReadByte changes no memory, offered or not",
	files = { "data/in" = "0123456789abcdef" }
)

static uint64_t block[MAX_BLOCK / 8];

static void expect_quiet(bool read)
{
	uint64_t before[MAX_BLOCK / 8];
	const struct uhyve_call_info *info;
	for (unsigned i = 0; (info = uhyve_call_at(i)); i++) {
		if (info->since != 2 || !info->block_size)
			continue;
		sample(info->number, block);
		memcpy(before, block, sizeof(block));
		if (read)
			read_number(UHYVE_SERIAL_READ_BYTE,
				    uhyve_gpa_of(block).addr);
		else
			uhyve_call_block(UHYVE_SERIAL_READ_BYTE, block);
		expect_bytes(block, before, sizeof(block));
		expect_filled(sample_out, 0xee, sizeof(sample_out));
	}
}

void guest_main(void)
{
	samples_open();
	TEST("UHY-SRBYTE-008", "the guest continues") {
		uhyve_call(UHYVE_SERIAL_READ_BYTE, 0);
		expect(true);
	}
	TEST("UHY-SRBYTE-006", "a read, blocks of all kinds as argument") {
		expect_quiet(true);
	}
	TEST("UHY-SRBYTE-007", "a call instruction, the same blocks") {
		expect_quiet(false);
	}
}
