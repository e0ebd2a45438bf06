/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "numbers that are not offered do nothing",
	files = { "data/in" = "0123456789abcdef" }
)

/* In the interface's space, and far from what upstream's drafts use. */
static const uint16_t numbers[] = {0x1000, 0x1008, 0x100f, 0x10f0,
				   0x10ff, 0x12f0, 0x1300, 0x17ff,
				   0x1800, 0x1ff0, 0x1fff};

static uint64_t block[MAX_BLOCK / 8];

static void nothing_happens(uint16_t number)
{
	if (!number_callable(number))
		return;
	uint64_t before[MAX_BLOCK / 8];
	memcpy(before, block, sizeof(block));
	uhyve_call_block(number, block);
	expect_bytes(block, before, 40);
	expect_filled(sample_out, 0xee, 16);
}

void guest_main(void)
{
	samples_open();
	TEST("UHY-CALL-051", "the guest continues") {
		for (unsigned n = 0; n < sizeof(numbers) / sizeof(*numbers);
		     n++)
			if (number_callable(numbers[n]))
				uhyve_call(numbers[n], 0);
		expect(true);
	}
	const struct uhyve_call_info *info;
	TEST("UHY-CALL-050", "a block of each kind stays as it is") {
		FOR_EACH_CALL_OF(2, info) {
			sample(info->number, block);
			for (unsigned n = 0;
			     n < sizeof(numbers) / sizeof(*numbers); n++)
				nothing_happens(numbers[n]);
		}
	}
	TEST("UHY-CALL-053", "the sixteen numbers of a call are one call") {
		FOR_EACH_CALL_OF(2, info) {
			sample(info->number, block);
			for (unsigned low = 1; low < 16; low += low < 4 ? 1 : 4)
				nothing_happens((uint16_t)(info->number | low));
		}
	}
}
