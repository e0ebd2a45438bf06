/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Each call with its block in each place where there is no RAM, a run each, since
 * the hypervisor may end the machine. The order is that of calls.def.
 */
#include "fields.h"

GUEST(
	summary = "blocks that do not lie wholly in RAM",
	matrix = [
		{ over = "blocks", cells = [
			{ name = "zero", requirement = "UHY-BLOCK-040" },
			{ name = "behind-ram", requirement = "UHY-BLOCK-041" },
			{ name = "straddles-end", requirement = "UHY-BLOCK-042" },
			{ name = "straddles-start", requirement = "UHY-BLOCK-043" },
			{ name = "wraps", requirement = "UHY-BLOCK-044" },
			{ name = "bit-52", requirement = "UHY-BLOCK-045" },
			{ name = "bit-63", requirement = "UHY-BLOCK-045" }
		] },
		{ over = "blocks", cells = [
			{ name = "straddles-end-kept", requirement = "UHY-BLOCK-046" },
			{ name = "straddles-start-kept", requirement = "UHY-BLOCK-046" }
		] }
	]
)

#define KINDS 7u /* cells of the first part of the matrix, as ids below */

/* The n-th call with a block; a null pointer after the last. */
static const struct uhyve_call_info *nth_call(unsigned n)
{
	const struct uhyve_call_info *info;
	for (unsigned i = 0; (info = uhyve_call_at(i)); i++)
		if (info->block_size && n-- == 0)
			return info;
	return NULL;
}

static unsigned calls(void)
{
	unsigned n = 0;
	while (nth_call(n))
		n++;
	return n;
}

static void expect_survival(const char *id, uint16_t number, uint64_t address)
{
	TEST_OF(id, "the call is ignored, or the machine ends orderly")
	{
		test_may_end();
		uhyve_call(number, address);
		test_went_on();
		expect(true);
	}
}

/* The bytes at the edge of RAM have to stay unchanged. */
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
	const char *const ids[KINDS] = {
		TEST_ID("UHY-BLOCK-040"), TEST_ID("UHY-BLOCK-041"),
		TEST_ID("UHY-BLOCK-042"), TEST_ID("UHY-BLOCK-043"),
		TEST_ID("UHY-BLOCK-044"), TEST_ID("UHY-BLOCK-045"),
		TEST_ID("UHY-BLOCK-045")};
	static uint64_t block[MAX_BLOCK / 8];
	unsigned variant = guest_variant();
	bool unchanged = variant >= calls() * KINDS;
	if (unchanged)
		variant -= calls() * KINDS;
	const struct uhyve_call_info *info =
		nth_call(variant / (unchanged ? 2 : KINDS));
	if (!info)
		guest_no_such_variant();
	uint64_t half = info->block_size / 8u * 4u;
	const uint64_t addresses[KINDS] = {
		0,
		ram_end(),
		ram_end() - half,
		ram_start() - half,
		-half,
		uhyve_gpa_of(block).addr | 1ull << 52,
		uhyve_gpa_of(block).addr | 1ull << 63};
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
