/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "what a kernel asks the processor and looks for at fixed addresses",
	requirements = ["UHY-BOOT-140", "UHY-BOOT-141"],
	arch = ["x86_64"]
)

#define IO_APIC UINT64_C(0xfec00000)
#define IO_APIC_DATA 4u /* in words */
#define IO_APIC_VERSION 1u

static uint32_t last_leaf(uint32_t first)
{
	uint32_t eax = first, ebx, ecx = 0, edx;
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return eax;
}

void guest_main(void)
{
	plan(2);
	TEST("UHY-BOOT-140", "the last leaves") {
		expect_between(last_leaf(0), 0xd, 0x7fffffff);
		expect_between(last_leaf(0x80000000), 0x80000008, UINT32_MAX);
	}
	TEST("UHY-BOOT-141", "its version register") {
		volatile uint32_t *io_apic = (volatile uint32_t *)IO_APIC;
		map_ram(IO_APIC, 4096);
		io_apic[0] = IO_APIC_VERSION;
		uint32_t version = io_apic[IO_APIC_DATA];
		/* Entries of its table less one: one for each old interrupt. */
		expect_between(version >> 16 & 0xff, 15, 239);
	}
}
