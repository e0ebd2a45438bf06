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

static uint32_t last_leaf(uint32_t first)
{
	uint32_t eax = first, ebx, ecx = 0, edx;
	__asm__ volatile("cpuid" : "+a"(eax), "=b"(ebx), "+c"(ecx), "=d"(edx));
	return eax;
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
	TEST("UHY-BOOT-169", "they are set up and masked") {
		mask_old_controllers();
		expect(true);
	}
	TEST("UHY-BOOT-168", "the frequency in the device tree") {
		const char *value = fdt_property("/hermit,tsc", "khz", &len);
		if (expect(!khz || (value && len == 4)) && khz)
			expect_eq(fdt_u32(value), khz);
	}
}
