/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "4096 bytes of two vCPUs reach the console in one piece each",
	needs = ["smp"],
	vcpus = 2,
	tap = false,
	stdout = { text = "{response}\n", numbers = 819, times = 40, id = "UHY-SWBUF-009" }
)

#define NUMBERS 819
#define TIMES 20

/* Both write the same line, and no part of it is like another. */
static char line[NUMBERS * 5 + 1];
static volatile uint32_t go;

static void write_lines(void)
{
	for (int i = 0; i < TIMES; i++)
		console_write(line, sizeof(line));
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
	for (unsigned n = 0; n < NUMBERS; n++) {
		line[5 * n] = (char)('0' + n / 1000);
		line[5 * n + 1] = (char)('0' + n / 100 % 10);
		line[5 * n + 2] = (char)('0' + n / 10 % 10);
		line[5 * n + 3] = (char)('0' + n % 10);
		line[5 * n + 4] = ' ';
	}
	line[sizeof(line) - 1] = '\n';
	say("%x", guest_response());
	publish(&go, 1);
	write_lines();
	uhyve_exit(cpus_arrived(1) ? 0 : 1);
}
