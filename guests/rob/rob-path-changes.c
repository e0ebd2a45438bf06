/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "another vCPU changes the path while FileOpen reads it",
	requirements = ["UHY-ROB-006"],
	needs = ["smp"],
	vcpus = 2,
	files = { "data/f" = "", "secret" = "" }
)

static volatile char path[] = "/data/ab/f";
static volatile uint32_t started, stop;

/* "/data/.//f" and "/data/..\xff/f" and what is between them. */
void guest_cpu_main(unsigned cpu)
{
	if (cpu == 1)
		publish(&started, 1);
	while (cpu == 1 && !observe(&stop)) {
		path[6] = '.';
		path[7] = '\xff';
		path[6] = '\xff';
		path[7] = '.';
		path[7] = '/';
		path[6] = '.';
	}
	cpu_arrive();
	guest_park();
}

void guest_main(void)
{
	struct uhyve_open_params block;
	plan(1);
	TEST("UHY-ROB-006", "a descriptor or an error, each time") {
		expect(wait_for(&started, 1));
		for (int i = 0; i < 200; i++) {
			block = (struct uhyve_open_params){uhyve_gpa_of(path),
							   UHYVE_O_RDONLY, 0,
							   UNANSWERED};
			uhyve_call_block(UHYVE_FILE_OPEN, &block);
			if (block.ret >= 3)
				file_close(block.ret);
			else
				expect_one_of(block.ret, -UHYVE_ENOENT,
					      -UHYVE_EINVAL);
		}
		publish(&stop, 1);
		expect(cpus_arrived(1));
	}
}
