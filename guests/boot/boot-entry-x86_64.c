/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "entry.h"
#include "test.h"

GUEST(
	summary = "the state of the processor at entry",
	arch = ["x86_64"]
)

#define APIC_BASE 0x1b
#define APIC_BOOT_VCPU 0x100u
#define APIC_X2APIC 0x400u
#define APIC_ENABLED 0x800u
#define MISC_ENABLE 0x1a0
#define EFER 0xc0000080
#define GS_BASE 0xc0000101

static uint64_t msr(uint32_t number)
{
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(number));
	return (uint64_t)high << 32 | low;
}

static bool reports_speedstep(void)
{
	uint32_t eax = 1, ebx, ecx = 0, edx;
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return ecx >> 7 & 1;
}

void guest_main(void)
{
	uint64_t stack = guest_entries[0].stack, cr0;
	uint64_t flags = guest_entries[0].flags;
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} gdtr;
	TEST("UHY-BOOT-043", "IF is 0") {
		expect_eq(flags >> 9 & 1, 0);
	}
	TEST("UHY-BOOT-044", "DF is 0") {
		expect_eq(flags >> 10 & 1, 0);
	}
	uint16_t cs;
	TEST("UHY-BOOT-045", "CR0.PE, CR0.PG, EFER.LMA, ring 0") {
		__asm__ volatile("mov %%cr0, %0" : "=r"(cr0));
		__asm__ volatile("mov %%cs, %0" : "=r"(cs));
		expect_eq(cr0 & 0x80000001, 0x80000001);
		expect_eq(msr(EFER) >> 10 & 1, 1);
		expect_eq(cs & 3, 0);
	}
	TEST("UHY-BOOT-046", "32 KiB from RSP on") {
		expect_entry_stack(stack);
	}
	TEST("UHY-BOOT-175", "RSP and 32 KiB") {
		expect(stack + ENTRY_STACK_SIZE <= boot_info->image_start);
	}
	TEST("UHY-BOOT-049", "selectors 0x8 and 0x10") {
		__asm__ volatile("sgdt %0" : "=m"(gdtr));
		const uint64_t *table = (const uint64_t *)(uintptr_t)gdtr.base;
		expect_between(gdtr.limit, 23, 65535);
		/* P, S, executable, L, not D. */
		expect_eq(table[1] & 0x0060980000000000, 0x0020980000000000);
		/* P, S, not executable, writable. */
		expect_eq(table[2] & 0x00009a0000000000, 0x0000920000000000);
		__asm__ volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss"
				 :
				 : "r"(0x10));
	}
	TEST("UHY-BOOT-178", "IA32_GS_BASE") {
		expect_eq(msr(GS_BASE), 0);
	}
	TEST("UHY-BOOT-179", "IA32_APIC_BASE") {
		expect_eq(msr(APIC_BASE) &
				  ~(uint64_t)(APIC_BOOT_VCPU | APIC_X2APIC),
			  0xfee00000 | APIC_ENABLED);
	}
	TEST("UHY-BOOT-180", "IA32_MISC_ENABLE, where CPUID has the bit") {
		uint64_t misc = reports_speedstep() ? msr(MISC_ENABLE) : 0;
		/* Bit 16 enables it, bit 20 locks it. */
		expect(!(misc >> 16 & 1) || misc >> 20 & 1);
	}
}
