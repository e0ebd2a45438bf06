/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fills private storage, as deep as paths can lead and with many directories
 * that are not empty, says so, and waits or exits: the argument "exit", "wait"
 * or, where the last vCPU ends the machine, "other".
 */
#include "cpus.h"

GUEST(summary = "fills private storage", tap = false)

#define WIDE 400
static volatile uint32_t go;
static char path[4096];

static bool asked(const char *word)
{
	const char *tree = (const char *)boot_info->device_tree.addr;

	for (unsigned i = 0; i < 4096; i++) {
		unsigned n = 0;
		while (word[n] && tree[i + n] == word[n])
			n++;
		if (!word[n])
			return true;
	}
	return false;
}

static void number(char *to, unsigned value)
{
	for (unsigned i = 5; i-- > 0; value /= 10)
		to[i] = (char)('0' + value % 10);
}

static void make_deep(void)
{
	unsigned at = 0;

	while (at < 4090) {
		path[at++] = '/';
		for (unsigned i = 0; i < 4; i++)
			path[at++] = 'd';
	}
	path[at] = '\0';
	if (file_open(path, UHYVE_O_CREAT | UHYVE_O_WRONLY, 0600) < 3)
		uhyve_exit(1);
}

static void make_wide(void)
{
	static char name[] = "/w/00000/f";

	for (unsigned i = 0; i < WIDE; i++) {
		number(name + 3, i);
		int32_t fd = file_open(name, UHYVE_O_CREAT | UHYVE_O_WRONLY, 0);
		if (fd < 3)
			uhyve_exit(1);
		file_close(fd);
	}
}

void guest_cpu_main(unsigned cpu)
{
	(void)cpu;
	cpu_arrive();
	while (!observe(&go))
		;
	uhyve_exit(42);
}

void guest_main(void)
{
	make_deep();
	make_wide();
	console_write("ready\n", 6);
	if (asked("exit"))
		uhyve_exit(42);
	if (asked("other")) {
		cpus_arrived(1);
		publish(&go, 1);
	}
	for (;;)
		;
}
