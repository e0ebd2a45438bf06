/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fdt.h"

GUEST(
	summary = "the boot information",
	also = [3],
	variants = {
		"fields" = {},
		"padding" = {}
	}
)

#define SECOND INT64_C(1000000000)

void guest_main(void)
{
	const struct uhyve_boot_info *info = boot_info;
	TEST_IN(VARIANT(0), "UHY-BOOT-061", "serial_port_base")
	{
		expect_eq(info->serial_port_base, 0x1030);
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-062", "device_tree")
	{
		expect_eq(fdt_u32((const void *)(uintptr_t)
					  info->device_tree.addr),
			  0xd00dfeed);
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-065", "no thread-local storage")
	{
		expect_eq(info->tls_start, 0);
		expect_eq(info->tls_filesz, 0);
		expect_eq(info->tls_memsz, 0);
		expect_eq(info->tls_align, 0);
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-067", "platform")
	{
		expect_eq(info->platform, 1);
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-068", "has_pci")
	{
		expect_between(info->has_pci, 0, 1);
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-069", "num_cpus of one vCPU")
	{
		expect_eq(info->num_cpus, 1);
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-070",
		"at most 5 s before this run, and not after it")
	{
		int64_t latest = guest_latest_start();
		expect_between(info->boot_time_ns_low,
			       guest_earliest_start() - 5 * SECOND,
			       latest ? latest : INT64_MAX);
		expect_eq(info->boot_time_ns_high, 0);
	}
	TEST_IN(VARIANT(1), "UHY-BOOT-071", "padding")
	{
#if defined(__x86_64__)
		expect_filled(info->pad0, 0, sizeof(info->pad0));
#endif
		expect_filled(info->pad1, 0, sizeof(info->pad1));
		expect_filled(info->pad2, 0, sizeof(info->pad2));
		expect_filled(info->pad3, 0, sizeof(info->pad3));
	}
}
