/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "four vCPUs call Exit with different codes",
	needs = ["smp"],
	vcpus = 4,
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-016" },
	status = { any_of = [40, 41, 42, 43], id = "UHY-EXIT-016" }
)

static volatile uint32_t go;

void guest_cpu_main(unsigned cpu)
{
	cpu_arrive();
	if (wait_for(&go, 1))
		uhyve_exit((int32_t)(40 + cpu));
	guest_park();
}

void guest_main(void)
{
	say("%x", guest_response());
	bool all = cpus_arrived(3);
	publish(&go, 1);
	uhyve_exit(all ? 40 : 1);
}
