/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"
#include "fdt.h"

GUEST(
	summary = "every vCPU begins by itself, with its number",
	needs = ["smp"],
	variants = { "2" = { vcpus = 2 }, "3" = { vcpus = 3 }, "8" = { vcpus = 8 } }
)

void guest_cpu_main(unsigned cpu)
{
	(void)cpu;
	cpu_arrive();
	guest_park();
}

void guest_main(void)
{
	const unsigned counts[] = {2, 3, 8}, count = FOR_VARIANT(counts);
	TEST("UHY-BOOT-041", "all of them arrive") {
		expect(cpus_began(count - 1));
	}
	TEST("UHY-BOOT-042", "their numbers") {
		expect(cpus_arrived(count - 1));
		for (unsigned cpu = 0; cpu < count; cpu++) {
			expect_eq((uint32_t)guest_entries[cpu].cpu, cpu);
			expect_eq(guest_entries[cpu].boot_info,
				  guest_entries[0].boot_info);
		}
		if (count < GUEST_MAX_CPUS)
			expect_eq(guest_entries[count].boot_info, 0);
	}
	TEST("UHY-BOOT-069", "num_cpus") {
		expect_eq(boot_info->num_cpus, count);
	}
	TEST("UHY-BOOT-084", "nodes of the device tree") {
		expect_eq(fdt_count("/cpus", "device_type", "cpu"), count);
	}
	TEST("UHY-BOOT-165", "the names of these nodes") {
		expect_eq(fdt_children("/cpus", "cpu"), count);
	}
}
