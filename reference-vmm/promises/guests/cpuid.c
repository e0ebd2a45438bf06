/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Exits with a bit for each thing that CPUID should not say, or should and does
 * not: 0 when all is as promised.
 */
#include "test.h"

GUEST(summary = "looks at CPUID", tap = false)

struct leaf {
	uint32_t a, b, c, d;
};

static struct leaf leaf(uint32_t number)
{
	struct leaf l;

	__asm__ volatile("cpuid"
			 : "=a"(l.a), "=b"(l.b), "=c"(l.c), "=d"(l.d)
			 : "a"(number), "c"(0));
	return l;
}

void guest_main(void)
{
	const uint32_t vmx = 1u << 5, pdcm = 1u << 15, deadline = 1u << 24,
		       hypervisor = 1u << 31, svm = 1u << 2,
		       counters = 1u << 23 | 1u << 24 | 1u << 28;
	uint32_t last = leaf(0x80000000).a;
	struct leaf one = leaf(1);
	int32_t wrong = 0;

	wrong |= one.c & vmx ? 1 : 0;
	wrong |= one.c & pdcm ? 2 : 0;
	wrong |= one.c & deadline ? 0 : 4;
	wrong |= one.c & hypervisor ? 0 : 8;
	wrong |= leaf(0x80000001).c & svm ? 16 : 0;
	wrong |= leaf(0x80000001).c & counters ? 32 : 0;
	if (leaf(0).a >= 0xa)
		wrong |= leaf(0xa).a & 0xff ? 64 : 0;
	if (last >= 0x80000022)
		wrong |= leaf(0x80000022).a ? 64 : 0;
	uhyve_exit(wrong);
}
