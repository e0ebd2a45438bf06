/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Each call with its block in each place where there is no RAM, a run each, since
 * the hypervisor may end the machine. The order is that of calls.def.
 */
#include "fields.h"

GUEST(
	summary = "blocks that do not lie wholly in RAM",
	requirements = ["UHY-BLOCK-040"],
	variants = {
		"SerialWriteBuffer-zero" = { requirements = ["UHY-BLOCK-040"] },
		"SerialWriteBuffer-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"SerialWriteBuffer-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"SerialWriteBuffer-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"SerialWriteBuffer-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"SerialWriteBuffer-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"SerialWriteBuffer-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"SerialReadBuffer-zero" = { requirements = ["UHY-BLOCK-040"] },
		"SerialReadBuffer-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"SerialReadBuffer-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"SerialReadBuffer-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"SerialReadBuffer-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"SerialReadBuffer-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"SerialReadBuffer-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"FileWrite-zero" = { requirements = ["UHY-BLOCK-040"] },
		"FileWrite-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"FileWrite-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"FileWrite-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"FileWrite-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"FileWrite-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"FileWrite-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"FileOpen-zero" = { requirements = ["UHY-BLOCK-040"] },
		"FileOpen-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"FileOpen-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"FileOpen-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"FileOpen-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"FileOpen-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"FileOpen-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"FileClose-zero" = { requirements = ["UHY-BLOCK-040"] },
		"FileClose-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"FileClose-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"FileClose-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"FileClose-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"FileClose-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"FileClose-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"FileRead-zero" = { requirements = ["UHY-BLOCK-040"] },
		"FileRead-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"FileRead-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"FileRead-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"FileRead-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"FileRead-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"FileRead-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"FileLseek-zero" = { requirements = ["UHY-BLOCK-040"] },
		"FileLseek-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"FileLseek-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"FileLseek-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"FileLseek-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"FileLseek-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"FileLseek-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"FileUnlink-zero" = { requirements = ["UHY-BLOCK-040"] },
		"FileUnlink-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"FileUnlink-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"FileUnlink-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"FileUnlink-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"FileUnlink-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"FileUnlink-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"SerialWriteBuffer-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"SerialWriteBuffer-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] },
		"SerialReadBuffer-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"SerialReadBuffer-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileWrite-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileWrite-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileOpen-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileOpen-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileClose-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileClose-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileRead-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileRead-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileLseek-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileLseek-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileUnlink-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileUnlink-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] }
	}
)

#define SINCE 2
#define CALLS 8u
#define KINDS 7u

static const struct uhyve_call_info *nth_call(unsigned n)
{
	const struct uhyve_call_info *info;
	for (unsigned i = 0; (info = uhyve_call_at(i)); i++)
		if (info->since == SINCE && info->block_size && n-- == 0)
			return info;
	return NULL;
}

static void expect_survival(const char *id, uint16_t number, uint64_t address)
{
	TEST(id, "the call is ignored, or the machine ends orderly") {
		test_may_end();
		uhyve_call(number, address);
		test_went_on();
		expect(true);
	}
}

/* What lies at the edge of RAM has to stay as it is. */
static void expect_unchanged(uint16_t number, uint64_t address, uint64_t edge)
{
	uint8_t before[MAX_BLOCK], *part = (uint8_t *)(uintptr_t)edge;
	memcpy(before, part, sizeof(before));
	TEST("UHY-BLOCK-046", "memory at the edge of RAM is unchanged") {
		test_may_end();
		uhyve_call(number, address);
		test_went_on();
		expect_bytes(part, before, sizeof(before));
	}
}

void guest_main(void)
{
	static const char *const ids[KINDS] = {"UHY-BLOCK-040", "UHY-BLOCK-041",
					       "UHY-BLOCK-042", "UHY-BLOCK-043",
					       "UHY-BLOCK-044", "UHY-BLOCK-045",
					       "UHY-BLOCK-045"};
	static uint64_t block[MAX_BLOCK / 8];
	unsigned variant = guest_variant();
	bool unchanged = variant >= CALLS * KINDS;
	if (unchanged)
		variant -= CALLS * KINDS;
	const struct uhyve_call_info *info =
		nth_call(variant / (unchanged ? 2 : KINDS));
	uint64_t half = info->block_size / 8u * 4u;
	const uint64_t addresses[KINDS] = {
		0,
		ram_end(),
		ram_end() - half,
		ram_start() - half,
		-half,
		uhyve_gpa_of(block).addr | 1ull << 52,
		uhyve_gpa_of(block).addr | 1ull << 63};
	plan(1);
	if (nth_call(CALLS))
		say("Bail out! %s needs variants here", nth_call(CALLS)->name);
	ram_tail(MAX_BLOCK);
	sample(info->number, block);
	memcpy((uint8_t *)(uintptr_t)(ram_end() - half), block, half);
	if (!unchanged)
		expect_survival(ids[variant % KINDS], info->number,
				addresses[variant % KINDS]);
	else if (variant % 2 == 0)
		expect_unchanged(info->number, addresses[2],
				 ram_end() - MAX_BLOCK);
	else
		expect_unchanged(info->number, addresses[3], ram_start());
}
