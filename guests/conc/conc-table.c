/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "pair.h"

GUEST(
	summary = "two vCPUs repeatedly open and read their own files",
	needs = ["smp"],
	vcpus = 2,
	files = { "data/0" = "0", "data/1" = "1" }
)

#define TURNS 400

static unsigned wrong[2];

/* A descriptor that both were given reads the other's file, or is closed. */
static void act(unsigned cpu, unsigned round)
{
	static const char *const paths[] = {"/data/0", "/data/1"};
	(void)round;
	for (int i = 0; i < TURNS; i++) {
		char byte = 0;
		int32_t fd = pair_open(paths[cpu], UHYVE_O_RDONLY);
		if (fd < 3 || pair_read(fd, &byte, 1) != 1 ||
		    byte != (char)('0' + cpu) || pair_close(fd) != 0)
			wrong[cpu]++;
	}
}

void guest_main(void)
{
	TEST("UHY-CONC-002", "each descriptor is of one vCPU's file") {
		expect(pair_round(0));
		expect_eq(wrong[0], 0);
		expect_eq(wrong[1], 0);
	}
}
