/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "pair.h"

GUEST(
	summary = "a vCPU that waits for standard input delays no other",
	needs = ["smp", "stdin"],
	vcpus = 2,
	stdin = { hold = true },
	timeout = 5,
	files = { "data/f" = "0123456789" }
)

static char byte;

static void act(unsigned cpu, unsigned round)
{
	(void)round;
	if (cpu == 1)
		pair_read(0, &byte, 1);
}

void guest_main(void)
{
	TEST("UHY-CONC-011", "file calls while another vCPU waits") {
		publish(&pair_started, 1);
		expect(wait_for(&pair_ready, 1));
		/* Long enough for the read to begin. */
		for (int i = 0; i < 500; i++)
			console_write("", 0);
		int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
		expect_fd(fd);
		char found;
		expect_eq(file_read(fd, &found, 1), 1);
		expect_eq(file_close(fd), 0);
		expect_eq(observe(&pair_done), 0);
	}
}
