/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A guest that names version 3, of which it has no call. */
#define GUEST_INTERFACE 3
#include "test.h"

GUEST(summary = "a needless version", requirements = [])

struct guest_entry guest_entries[GUEST_MAX_CPUS];
uint8_t guest_stacks[GUEST_MAX_CPUS][GUEST_STACK_SIZE];

void guest_start(void);
void guest_start(void)
{
	uhyve_exit(0);
}

void guest_cpu_main(unsigned cpu)
{
	(void)cpu;
	guest_park();
}
