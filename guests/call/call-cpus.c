/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "every vCPU makes calls",
	needs = ["smp"],
	vcpus = 4
)

static struct uhyve_close_params blocks[4];

void guest_cpu_main(unsigned cpu)
{
	blocks[cpu] = (struct uhyve_close_params){4711, UNANSWERED};
	uhyve_call_block(UHYVE_FILE_CLOSE, &blocks[cpu]);
	cpu_arrive();
	guest_park();
}

void guest_main(void)
{
	TEST("UHY-CALL-009", "the answer is the same on four vCPUs") {
		expect(cpus_arrived(3));
		for (unsigned cpu = 1; cpu < 4; cpu++)
			expect_eq(blocks[cpu].ret, -UHYVE_EBADF);
	}
}
