/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "input.h"

GUEST(
	summary = "no room for input",
	needs = ["serial-read-buffer"],
	stdin = "abcdefgh"
)

void guest_main(void)
{
	static uint8_t buffer[8];
	uint8_t *tail = ram_tail(16);
	const uint64_t addresses[] = {
		0,          ram_end(), ram_end() - 1, ram_start() - 1,
		1ull << 52, UINT64_MAX};
	memset(tail, 0xee, 16);
	TEST("UHY-SRBUF-009", "maxlen 0, buffers everywhere") {
		expect_eq(input_some(buffer, 0), 0);
		for (unsigned i = 0; i < 6; i++)
			expect_eq(
				input_some((void *)(uintptr_t)addresses[i], 0),
				0);
	}
	TEST("UHY-SRBUF-010", "8 bytes that do not lie in RAM") {
		for (unsigned i = 0; i < 6; i++)
			expect_eq(
				input_some((void *)(uintptr_t)addresses[i], 8),
				0);
		expect_eq(input_some(tail, UINT64_MAX), 0);
	}
	TEST("UHY-SRBUF-011", "the part in RAM is as it was") {
		expect_eq(input_some(tail + 12, 8), 0);
		expect_filled(tail, 0xee, 16);
	}
	TEST("UHY-SRBUF-012", "all input is still there") {
		expect_eq(input_all(buffer, 8, 8), 8);
		expect_bytes(buffer, "abcdefgh", 8);
	}
}
