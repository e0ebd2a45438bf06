/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fdt.h"

GUEST(
	summary = "the device tree",
	variants = {
		"directories" = { mappings = { "/data" = "data", "/a/second/place" = "data" } },
		"files" = { mappings = { "/some/where/f" = "data/f", "/other/where/f" = "data/f",
				"/other/where/g" = "data/f" } }
	},
	files = { "data/f" = "" }
)

void guest_main(void)
{
	const char *tree = (const char *)(uintptr_t)boot_info->device_tree.addr;
	TEST_IN(VARIANT(0), "UHY-BOOT-080", "magic and versions")
	{
		expect_eq(fdt_u32(tree), 0xd00dfeed);
		expect_between(fdt_u32(tree + 20), 17, UINT32_MAX);
		expect_between(fdt_u32(tree + 24), 1, 17);
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-080", "each node has its end")
	{
		expect(fdt_whole());
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-081", "total size")
	{
		expect_between(fdt_u32(tree + 4), 48, 0x4000);
	}
	const char *value;
	uint32_t len;
	TEST_IN(VARIANT(0), "UHY-BOOT-082", "compatible")
	{
		value = fdt_property("/", "compatible", &len);
		expect(value && fdt_list_has(value, len, "hermit,uhyve"));
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-083", "memory")
	{
		value = fdt_property("/", "#address-cells", &len);
		expect(value && fdt_u32(value) == 2);
		value = fdt_property("/", "#size-cells", &len);
		expect(value && fdt_u32(value) == 2);
		value = fdt_property("/memory", "device_type", &len);
		expect(value && fdt_list_has(value, len, "memory"));
		value = fdt_property("/memory", "reg", &len);
		if (expect(value && len == 16)) {
			expect_eq(fdt_u64(value), ram_start());
			expect_eq(fdt_u64(value + 8), ram_end() - ram_start());
		}
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-084", "one vCPU")
	{
		expect_eq(fdt_count("/cpus", "device_type", "cpu"), 1);
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-085", "two mappings")
	{
		value = fdt_property("/uhyve,mounts", "mounts", &len);
		expect(value && fdt_list_has(value, len, "/data"));
		expect(value && fdt_list_has(value, len, "/a/second/place"));
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-089", "no arguments")
	{
		value = fdt_property("/chosen", "bootargs", &len);
		expect(!value || len == 0 || *value == 0);
	}
	TEST_IN(VARIANT(1), "UHY-BOOT-085",
		"the directories of three mapped files")
	{
		value = fdt_property("/uhyve,mounts", "mounts", &len);
		expect(value && fdt_list_has(value, len, "/some/where"));
		expect(value && fdt_list_has(value, len, "/other/where"));
		expect(value && !fdt_list_has(value, len, "/some/where/f"));
	}
}
