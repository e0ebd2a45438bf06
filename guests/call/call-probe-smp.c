/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "whether there can be a second vCPU",
	requirements = ["UHY-BOOT-041"],
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
	plan(1);
	TEST("UHY-BOOT-041", "vCPU 1 arrives") {
		expect(cpus_arrived(1));
	}
}
