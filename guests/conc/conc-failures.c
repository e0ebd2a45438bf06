/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "pair.h"

GUEST(
	summary = "calls that fail on one vCPU do not disturb another",
	needs = ["smp"],
	vcpus = 2,
	variants = ["write", "read", "lseek", "close"],
	files = { "data/f" = "0123456789" }
)

#define ROUNDS 8
#define EACH 4

static int32_t fds[EACH];
static int64_t failed[EACH];

static int64_t fail(void)
{
	static char byte;
	struct uhyve_lseek_params block = {0, UHYVE_SEEK_SET, 4711};
	switch (guest_variant()) {
	case 0:
		return pair_write(4711, &byte, 1);
	case 1:
		return pair_read(4711, &byte, 1);
	case 2:
		uhyve_call_block(UHYVE_FILE_LSEEK, &block);
		return block.offset;
	default:
		return pair_close(4711);
	}
}

static void act(unsigned cpu, unsigned round)
{
	(void)round;
	for (int i = 0; i < EACH; i++)
		if (cpu)
			failed[i] = fail();
		else
			fds[i] = pair_open("/data/f", UHYVE_O_RDONLY);
}

void guest_main(void)
{
	TEST("UHY-CONC-009", "EBADF on one, descriptors on the other") {
		for (unsigned round = 0; round < ROUNDS; round++) {
			if (!expect(pair_round(round)))
				break;
			for (int i = 0; i < EACH; i++) {
				expect_fd(fds[i]);
				expect_eq(failed[i], -UHYVE_EBADF);
				pair_close(fds[i]);
			}
		}
	}
}
