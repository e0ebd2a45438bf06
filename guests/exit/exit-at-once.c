/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "Exit while the other vCPUs begin",
	needs = ["smp"],
	vcpus = 4,
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-015" },
	status = { code = 42, id = "UHY-EXIT-015" }
)

void guest_cpu_main(unsigned cpu)
{
	(void)cpu;
	guest_park();
}

void guest_main(void)
{
	say("%x", guest_response());
	uhyve_exit(42);
}
