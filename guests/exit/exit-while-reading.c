/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "Exit while another vCPU waits for standard input",
	needs = ["smp", "stdin"],
	vcpus = 2,
	tap = false,
	stdin = { hold = true },
	timeout = 5,
	stdout = { text = "{response}\n", id = "UHY-EXIT-014" },
	status = { code = 42, id = "UHY-EXIT-014" }
)

static struct uhyve_read_params block;
static uint8_t buffer[16];

void guest_cpu_main(unsigned cpu)
{
	(void)cpu;
	block = (struct uhyve_read_params){
		sizeof(buffer), UNANSWERED, uhyve_gpa_of(buffer), 0, {0}};
	cpu_arrive();
	uhyve_call_block(UHYVE_FILE_READ, &block);
	guest_park();
}

void guest_main(void)
{
	say("%x", guest_response());
	bool all = cpus_arrived(1);
	/* Long enough for the read to begin. */
	for (int i = 0; i < 500; i++)
		console_write("", 0);
	uhyve_exit(all ? 42 : 1);
}
