/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "every byte of some parts of RAM beyond the image",
	memory = 16
)

/* How many of the words that follow address are 0, before one is not. */
static uint64_t zeros(uint64_t address, uint64_t words)
{
#if defined(__x86_64__)
	/* One instruction: some hosts interpret each one. */
	uint64_t left = words, at = address;
	bool equal;
	__asm__ volatile("cmp %%rax, %%rax\n\trepe scasq"
			 : "+D"(at), "+c"(left), "=@ccz"(equal)
			 : "a"(UINT64_C(0))
			 : "memory");
	return equal ? words : words - left - 1;
#else
	const volatile uint64_t *at =
		(const volatile uint64_t *)(uintptr_t)address;
	uint64_t n = 0;
	while (n < words && at[n] == 0)
		n++;
	return n;
#endif
}

/* Hosts that interpret need a second for 8 MiB. */
#define PART UINT64_C(0x80000)

static void expect_zeros(uint64_t from)
{
	expect_eq(zeros(from, PART / 8), PART / 8);
}

void guest_main(void)
{
	uint64_t from = (boot_info->image_end + 4095) & ~4095ull;
	uint64_t parts = (ram_end() - from) / PART;
	TEST("UHY-BOOT-035", "the first, middle, last part, and any other") {
		map_ram(from, ram_end() - from);
		expect_zeros(from);
		expect_zeros(ram_start() + (ram_end() - ram_start()) / 2);
		expect_zeros(ram_end() - PART);
		expect_zeros(from + guest_response() % parts * PART);
	}
}
