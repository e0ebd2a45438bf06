/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "Exit while the other vCPUs are halted",
	needs = ["smp"],
	vcpus = 3,
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-012" },
	status = { code = 42, id = "UHY-EXIT-012" }
)

void guest_cpu_main(unsigned cpu)
{
	(void)cpu;
	cpu_arrive();
	guest_park();
}

void guest_main(void)
{
	say("%x", guest_response());
	bool all = cpus_arrived(2);
	/* Let them reach the instruction that halts. */
	for (int i = 0; i < 100; i++)
		console_write("", 0);
	uhyve_exit(all ? 42 : 1);
}
