/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "buffers of two vCPUs reach the console in one piece each",
	needs = ["smp"],
	vcpus = 2,
	tap = false,
	stdout = { text = "{response}\n", hex = "6f6e65206c696e652074686174206e6f206f6e6520656c7365206d617920656e7465722c2077686f6576657220777269746573206174207468652073616d652074696d650a", times = 200, id = "UHY-SWBUF-009" }
)

/* Both write the same line: only a torn one changes what the console holds. */
static const char text[] = "one line that no one else may enter, whoever "
			   "writes at the same time\n";
static volatile uint32_t go;

static void write_lines(void)
{
	for (int i = 0; i < 100; i++)
		console_write(text, sizeof(text) - 1);
}

void guest_cpu_main(unsigned cpu)
{
	if (cpu == 1 && wait_for(&go, 1)) {
		write_lines();
		cpu_arrive();
	}
	guest_park();
}

void guest_main(void)
{
	say("%x", guest_response());
	publish(&go, 1);
	write_lines();
	uhyve_exit(cpus_arrived(1) ? 0 : 1);
}
