/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "probes for a second vCPU",
	probe = "smp",
	vcpus = 2
)

void guest_cpu_main(unsigned cpu)
{
	(void)cpu;
	cpu_arrive();
	guest_park();
}

void guest_main(void)
{
	TEST("UHY-BOOT-041", "a second vCPU begins") {
		expect(cpus_began(1));
	}
	TEST("UHY-BOOT-042", "its number is 1") {
		expect(cpus_arrived(1));
		expect_eq(guest_entries[1].cpu, 1);
	}
}
