/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "another vCPU changes the length while FileWrite runs",
	needs = ["smp"],
	vcpus = 2
)

static struct uhyve_write_params block = {.len = 16};
static volatile uint32_t stop, turns;

/* 16 bytes are the last of RAM, 4096 reach beyond it. */
void guest_cpu_main(unsigned cpu)
{
	volatile uint64_t *len = &block.len;
	while (cpu == 1 && !observe(&stop)) {
		*len = 4096;
		linger(turns);
		*len = 16;
		linger(turns);
		publish(&turns, turns + 1);
	}
	cpu_arrive();
	guest_park();
}

void guest_main(void)
{
	int32_t fd =
		file_open("/data/out", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644);
	uint8_t *tail = ram_tail(16);
	TEST("UHY-BLOCK-047",
	     "16 bytes at most or an error, never 4096 bytes") {
		for (int i = 0; i < 100; i++) {
			if (!expect(turn_passes(&turns)))
				break;
			block.ret = UNANSWERED;
			block.buf = uhyve_gpa_of(tail);
			block.fd = fd;
			uhyve_call_block(UHYVE_FILE_WRITE, &block);
			/* It may write fewer. */
			if (block.ret < 1 || block.ret > 16)
				expect_one_of(block.ret, -UHYVE_EFAULT,
					      -UHYVE_EINVAL);
			expect(true);
		}
		publish(&stop, 1);
		expect(cpus_arrived(1));
	}
}
