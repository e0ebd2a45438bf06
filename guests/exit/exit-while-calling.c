/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "Exit while the other vCPUs make calls",
	needs = ["smp"],
	vcpus = 3,
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-013" },
	status = { code = 42, id = "UHY-EXIT-013" }
)

static struct uhyve_close_params blocks[3];

void guest_cpu_main(unsigned cpu)
{
	cpu_arrive();
	for (;;) {
		blocks[cpu] = (struct uhyve_close_params){4711, UNANSWERED};
		uhyve_call_block(UHYVE_FILE_CLOSE, &blocks[cpu]);
	}
}

void guest_main(void)
{
	say("%x", guest_response());
	bool all = cpus_arrived(2);
	for (int i = 0; i < 100; i++)
		console_write("", 0);
	uhyve_exit(all ? 42 : 1);
}
