/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "another vCPU changes the path while FileOpen reads it",
	needs = ["smp"],
	vcpus = 2,
	files = { "data/f" = "", "secret" = "" }
)

static volatile char path[] = "/data/ab/f";
static volatile uint32_t stop, turns;

static const struct {
	unsigned at;
	char byte;
} steps[] = {{6, '.'}, {7, '\xff'}, {6, '\xff'}, {7, '.'}, {7, '/'}, {6, '.'}};

/* "/data/.//f" and "/data/..\xff/f" and what is between them. */
void guest_cpu_main(unsigned cpu)
{
	while (cpu == 1 && !observe(&stop)) {
		for (unsigned i = 0; i < 6; i++) {
			path[steps[i].at] = steps[i].byte;
			linger(turns);
		}
		publish(&turns, turns + 1);
	}
	cpu_arrive();
	guest_park();
}

void guest_main(void)
{
	TEST("UHY-ROB-006", "a descriptor or an error, each time") {
		for (int i = 0; i < 100; i++) {
			if (!expect(turn_passes(&turns)))
				break;
			struct uhyve_open_params block =
				(struct uhyve_open_params){uhyve_gpa_of(path),
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
