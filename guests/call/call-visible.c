/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

GUEST(
	summary = "another vCPU sees results, and its stores are seen by calls",
	needs = ["smp"],
	vcpus = 2,
	files = { "data/in" = "0123456789abcdef" }
)

#define ROUNDS 12

static struct uhyve_lseek_params block;
static int32_t fd;
static volatile uint32_t turn, seen[ROUNDS];

/* Even turns belong to vCPU 0, odd ones to vCPU 1. */
void guest_cpu_main(unsigned cpu)
{
	for (uint32_t i = 0; i < ROUNDS; i++) {
		if (cpu != 1 || !wait_for(&turn, 2 * i + 1))
			guest_park();
		seen[i] = (uint32_t)block.offset;
		block = (struct uhyve_lseek_params){1000 + i, UHYVE_SEEK_SET,
						    fd};
		publish(&turn, 2 * i + 2);
	}
	guest_park();
}

void guest_main(void)
{
	fd = file_open("/data/in", UHYVE_O_RDONLY, 0);
	block = (struct uhyve_lseek_params){999, UHYVE_SEEK_SET, fd};
	int64_t results[ROUNDS];
	TEST("UHY-CALL-032", "the other vCPU reads the result") {
		for (uint32_t i = 0; i < ROUNDS; i++) {
			uhyve_call_block(UHYVE_FILE_LSEEK, &block);
			results[i] = block.offset;
			/* Only the call can bring back what is overwritten. */
			block.offset = -1;
			uhyve_call_block(UHYVE_FILE_LSEEK, &block);
			block.offset = 7 * i;
			block.whence = UHYVE_SEEK_SET;
			uhyve_call_block(UHYVE_FILE_LSEEK, &block);
			publish(&turn, 2 * i + 1);
			if (!expect(wait_for(&turn, 2 * i + 2)))
				break;
			expect_eq(seen[i], 7 * i);
		}
	}
	TEST("UHY-CALL-033", "the call uses what the other vCPU stored") {
		for (uint32_t i = 0; i < ROUNDS; i++)
			expect_eq(results[i], i ? 999 + i : 999);
	}
}
