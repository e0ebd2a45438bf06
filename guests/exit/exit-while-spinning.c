/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "Exit while the other vCPUs spin",
	needs = ["smp"],
	vcpus = 3,
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-011" },
	status = { code = 42, id = "UHY-EXIT-011" }
)

void guest_cpu_main(unsigned cpu)
{
	(void)cpu;
	cpu_arrive();
	for (;;)
		__asm__ volatile("");
}

void guest_main(void)
{
	say("%x", guest_response());
	uhyve_exit(cpus_arrived(2) ? 42 : 1);
}
