/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Each call with its block in each place where there is no RAM, a run each, since
 * the hypervisor may end the machine. The order is that of calls.def.
 */
#include "fields.h"

GUEST(
	summary = "blocks that do not lie wholly in RAM",
	requirements = ["UHY-BLOCK-040"],
	needs = ["interface-3"],
	variants = {
		"Getdents-zero" = { requirements = ["UHY-BLOCK-040"] },
		"Getdents-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"Getdents-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"Getdents-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"Getdents-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"Getdents-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"Getdents-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"FileStat-zero" = { requirements = ["UHY-BLOCK-040"] },
		"FileStat-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"FileStat-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"FileStat-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"FileStat-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"FileStat-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"FileStat-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"FileFstat-zero" = { requirements = ["UHY-BLOCK-040"] },
		"FileFstat-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"FileFstat-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"FileFstat-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"FileFstat-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"FileFstat-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"FileFstat-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"Mkdir-zero" = { requirements = ["UHY-BLOCK-040"] },
		"Mkdir-behind-ram" = { requirements = ["UHY-BLOCK-041"] },
		"Mkdir-straddles-end" = { requirements = ["UHY-BLOCK-042"] },
		"Mkdir-straddles-start" = { requirements = ["UHY-BLOCK-043"] },
		"Mkdir-wraps" = { requirements = ["UHY-BLOCK-044"] },
		"Mkdir-bit-52" = { requirements = ["UHY-BLOCK-045"] },
		"Mkdir-bit-63" = { requirements = ["UHY-BLOCK-045"] },
		"Getdents-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"Getdents-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileStat-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileStat-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileFstat-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"FileFstat-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] },
		"Mkdir-straddles-end-kept" = { requirements = ["UHY-BLOCK-046"] },
		"Mkdir-straddles-start-kept" = { requirements = ["UHY-BLOCK-046"] }
	}
)

#define SINCE 3
#define CALLS 4u
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
