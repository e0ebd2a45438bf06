/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Looks for devices as a kernel does: reads the identity of each one. */
#include "test.h"

GUEST(
	summary = "PCI configuration space without devices",
	arch = ["x86_64"]
)

#define CONFIG_ADDRESS 0xcf8
#define CONFIG_DATA 0xcfc
#define ENABLE 0x80000000u
#define DEVICES 32u

static uint32_t identity(unsigned bus, unsigned device)
{
	uint32_t address = ENABLE | bus << 16 | device << 11, value;
	__asm__ volatile("outl %0, %w1" : : "a"(address), "d"(CONFIG_ADDRESS));
	__asm__ volatile("inl %w1, %0" : "=a"(value) : "d"(CONFIG_DATA));
	return value;
}

void guest_main(void)
{
	TEST("UHY-BOOT-110", "absent devices of two buses") {
		/* Device 0 of bus 0 may be the bus itself. */
		for (unsigned device = 1; device < DEVICES; device++)
			expect_eq(identity(0, device), 0xffffffff);
		expect_eq(identity(1, 0), 0xffffffff);
		expect_eq(identity(255, 31), 0xffffffff);
	}
}
