/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "packed.h"

GUEST(
	summary = "blocks at odd addresses",
	matrix = [{ over = "versions", cells = [
		{ name = "performed", requirement = "UHY-BLOCK-031" },
		{ name = "survived", requirement = "UHY-BLOCK-032" }
	] }],
	files = { "data/in" = "0123456789abcdef" }
)

static uint8_t memory[64] __attribute__((aligned(8)));

static void performed(const struct uhyve_call_info *info)
{
	for (unsigned i = 1; i < 8; i++)
		sample_call(info, memory + i);
}

/* Whatever comes of the call. */
static void survived(const struct uhyve_call_info *info)
{
	for (unsigned i = 1; i < 8; i += 2) {
		sample(info->number, memory + i);
		test_may_end();
		call(info->number, memory + i);
		test_went_on();
		expect(true);
	}
}

void guest_main(void)
{
	unsigned version = 2 + guest_variant() / 2;
	samples_open();
	const struct uhyve_call_info *info;
	if (guest_variant() % 2 == 0)
		TEST("UHY-BLOCK-031", "performed as if aligned") {
			FOR_EACH_CALL_OF(version, info)
				if (!is_packed(info))
					performed(info);
		}
	else
		TEST("UHY-BLOCK-032", "no crash") {
			FOR_EACH_CALL_OF(version, info)
				survived(info);
		}
}
