/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "another vCPU changes the length while FileRead runs",
	requirements = ["UHY-BLOCK-047"],
	needs = ["smp"],
	vcpus = 2,
	files = { "data/in" = { size = 8192 } }
)

static struct uhyve_read_params block = {.len = 16};
static volatile uint32_t stop;

/* 16 bytes are the last of RAM, 4096 reach behind it. */
void guest_cpu_main(unsigned cpu)
{
	volatile uint64_t *len = &block.len;
	while (cpu == 1 && !observe(&stop)) {
		*len = 4096;
		*len = 16;
	}
	cpu_arrive();
	guest_park();
}

void guest_main(void)
{
	int32_t fd = file_open("/data/in", UHYVE_O_RDONLY, 0);
	uint8_t *tail = ram_tail(16);
	plan(1);
	TEST("UHY-BLOCK-047", "16 bytes or an error, never 4096 bytes") {
		for (int i = 0; i < 200; i++) {
			file_lseek(fd, 0, UHYVE_SEEK_SET);
			block.ret = UNANSWERED;
			block.buf = uhyve_gpa_of(tail);
			block.fd = fd;
			uhyve_call_block(UHYVE_FILE_READ, &block);
			expect_one_of(block.ret, 16, -UHYVE_EFAULT,
				      -UHYVE_EINVAL);
		}
		publish(&stop, 1);
		expect(cpus_arrived(1));
	}
}
