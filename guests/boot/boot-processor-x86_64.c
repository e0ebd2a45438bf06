/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fdt.h"

GUEST(
	summary = "what a kernel asks the processor and looks for at fixed addresses",
	arch = ["x86_64"]
)

#define IO_APIC UINT64_C(0xfec00000)
#define IO_APIC_DATA 4u /* in words */
#define IO_APIC_VERSION 1u

static void out8(uint16_t port, uint8_t value)
{
	__asm__ volatile("outb %0, %1" : : "a"(value), "d"(port));
}

/* As the kernel does it: channel 0, 100 times a second. */
static void start_interval_timer(void)
{
	const uint16_t command = 0x43, channel_0 = 0x40, count = 11932;
	out8(command, 0x34);
	out8(channel_0, count & 0xff);
	out8(channel_0, count >> 8);
}

/* As the kernel does it: vectors 32 to 47, and all of them masked. */
static void mask_old_controllers(void)
{
	static const uint16_t ports[] = {0x20, 0xa0};
	for (unsigned i = 0; i < 2; i++) {
		const uint16_t command = ports[i], data = command + 1;
		out8(data, 0xff);
		out8(command, 0x11);
		out8(data, (uint8_t)(0x20 + 8 * i));
		out8(data, i ? 2 : 4);
		out8(data, 0x1);
		out8(data, 0xff);
	}
}

struct leaf {
	uint32_t eax, ebx, ecx, edx;
};

static struct leaf cpuid(uint32_t number, uint32_t subleaf)
{
	struct leaf leaf;
	__asm__ volatile("cpuid"
			 : "=a"(leaf.eax), "=b"(leaf.ebx), "=c"(leaf.ecx),
			   "=d"(leaf.edx)
			 : "a"(number), "c"(subleaf));
	return leaf;
}

static bool bit(uint32_t word, unsigned number)
{
	return word >> number & 1;
}

static void write_msr(uint32_t number, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "c"(number), "a"((uint32_t)value),
			   "d"((uint32_t)(value >> 32))
			 : "memory");
}

/*
 * What the kernel writes to its local APIC before the first interrupt: task
 * priority, and the local vector table, all masked but the error's.
 */
#define APIC_BASE 0x1b
#define X2APIC_ENABLED 0xc00
#define X2APIC_FIRST 0x800u
#define LOCAL_APIC UINT64_C(0xfee00000)
#define LVT_MASKED 0x10000u
#define LVT_ERROR 0x37u
static void set_up_local_apic(void)
{
	static const uint8_t registers[] = {0x8,  0x32, 0x33,     0x34,
					    0x35, 0x36, LVT_ERROR};
	bool x2apic = bit(cpuid(1, 0).ecx, 21);
	if (x2apic)
		write_msr(APIC_BASE, LOCAL_APIC | X2APIC_ENABLED);
	else
		map_ram(LOCAL_APIC, 4096);
	for (unsigned i = 0; i < sizeof(registers); i++) {
		uint32_t at = registers[i];
		uint32_t value = at == 0x8         ? 0
				 : at == LVT_ERROR ? 126
						   : LVT_MASKED;
		if (x2apic)
			write_msr(X2APIC_FIRST + at, value);
		else
			*(volatile uint32_t *)(LOCAL_APIC + at * 16) = value;
	}
}

/* Each feature is used as the kernel uses it; a fault ends the guest. */
#define CR4_FSGSBASE (UINT64_C(1) << 16)
#define CR4_OSXSAVE (UINT64_C(1) << 18)
static void use_features(void)
{
	uint64_t cr4, value;
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	if (bit(cpuid(1, 0).ecx, 26)) {
		__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 |= CR4_OSXSAVE));
		/* x87 and SSE, then AVX and the parts of AVX-512. */
		uint32_t states = cpuid(0xd, 0).eax & 0xe7;
		__asm__ volatile("xsetbv" : : "a"(states), "d"(0), "c"(0));
	}
	if (bit(cpuid(7, 0).ebx, 0)) {
		__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 |= CR4_FSGSBASE));
		__asm__ volatile("rdgsbase %0" : "=r"(value));
		__asm__ volatile("wrgsbase %0" : : "r"(value));
	}
	uint32_t low, high, aux;
	if (bit(cpuid(0x80000001, 0).edx, 27))
		__asm__ volatile("rdtscp" : "=a"(low), "=d"(high), "=c"(aux));
}

static uint32_t last_leaf(uint32_t first)
{
	return cpuid(first, 0).eax;
}

void guest_main(void)
{
	uint32_t len, khz = boot_info->cpu_freq_khz;
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
	TEST("UHY-BOOT-181", "the same register") {
		volatile uint32_t *io_apic = (volatile uint32_t *)IO_APIC;
		io_apic[0] = IO_APIC_VERSION;
		/* Entries less one. */
		expect_between(io_apic[IO_APIC_DATA] >> 16 & 0xff, 0, 24);
	}
	TEST("UHY-BOOT-169", "they are set up and masked") {
		mask_old_controllers();
		expect(true);
	}
	TEST("UHY-BOOT-182", "channel 0 is started") {
		start_interval_timer();
		expect(true);
	}
	TEST("UHY-BOOT-183",
	     "as MSRs where CPUID reports x2APIC, else in memory") {
		set_up_local_apic();
		expect(true);
	}
	TEST("UHY-BOOT-184", "XSAVE, FSGSBASE, RDTSCP") {
		use_features();
		expect(true);
	}
	TEST("UHY-BOOT-168", "the frequency in the device tree") {
		const char *value = fdt_property("/hermit,tsc", "khz", &len);
		if (expect(!khz || (value && len == 4)) && khz)
			expect_eq(fdt_u32(value), khz);
	}
}
