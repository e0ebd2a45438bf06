/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define SINCE 3
#include "place.h"

GUEST(
	summary = "blocks at odd addresses",
	requirements = ["UHY-BLOCK-031"],
	needs = ["interface-3"],
	variants = {
		"performed" = { requirements = ["UHY-BLOCK-031"] },
		"survived" = { requirements = ["UHY-BLOCK-032"] }
	},
	files = { "data/in" = "0123456789abcdef" }
)

static uint8_t memory[64] __attribute__((aligned(8)));

/* Whatever comes of the calls. */
static void survive(uint64_t address)
{
	const struct uhyve_call_info *info;
	volatile void *at = (volatile void *)(uintptr_t)address;
	FOR_EACH_CALL(info)
	{
		sample(info->number, at);
		test_may_end();
		call(info->number, at);
		test_went_on();
		expect(true);
	}
}

void guest_main(void)
{
	plan(1);
	samples_open();
	if (guest_variant() == 0)
		TEST("UHY-BLOCK-031", "performed as if aligned") {
			for (unsigned i = 1; i < 8; i++)
				calls_at(uhyve_gpa_of(memory + i).addr, false);
		}
	if (guest_variant() == 1)
		TEST("UHY-BLOCK-032", "no crash") {
			for (unsigned i = 1; i < 8; i += 2)
				survive(uhyve_gpa_of(memory + i).addr);
		}
}
