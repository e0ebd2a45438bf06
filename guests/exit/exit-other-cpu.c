/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "Exit from the last of four vCPUs",
	needs = ["smp"],
	vcpus = 4,
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-010" },
	status = { code = 42, id = "UHY-EXIT-010" }
)

static volatile uint32_t go;

void guest_cpu_main(unsigned cpu)
{
	if (cpu == 3 && wait_for(&go, 1))
		uhyve_exit(42);
	guest_park();
}

void guest_main(void)
{
	say("%x", guest_response());
	publish(&go, 1);
	guest_park();
}
