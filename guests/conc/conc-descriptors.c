/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "pair.h"

GUEST(
	summary = "two vCPUs open and close",
	needs = ["smp"],
	vcpus = 2,
	files = { "data/f" = "0123456789" }
)

#define ROUNDS 16
#define EACH 4

static int32_t fds[2][EACH], shared, results[2];
static char bytes[2];
static enum { READ, OPEN, CLOSE, FAIL } what;

static void act(unsigned cpu, unsigned round)
{
	(void)round;
	switch (what) {
	case READ:
		if (cpu == 1)
			results[1] = (int32_t)pair_read(shared, bytes, 1);
		break;
	case OPEN:
		for (int i = 0; i < EACH; i++)
			fds[cpu][i] = pair_open("/data/f", UHYVE_O_RDONLY);
		break;
	case CLOSE:
		results[cpu] = pair_close(shared);
		break;
	case FAIL:
		for (int i = 0; i < EACH; i++)
			fds[cpu][i] = cpu ? pair_open("/data/none", 0)
					  : pair_open("/data/f", 0);
		break;
	}
}

static void expect_all_different(void)
{
	for (int i = 0; i < 2 * EACH; i++) {
		expect_fd(fds[i / EACH][i % EACH]);
		for (int k = 0; k < i; k++)
			if (fds[i / EACH][i % EACH] == fds[k / EACH][k % EACH])
				expect(i == k);
	}
}

void guest_main(void)
{
	unsigned round = 0;
	TEST("UHY-CONC-001", "opened on one vCPU, read on another") {
		what = READ;
		shared = pair_open("/data/f", UHYVE_O_RDONLY);
		expect(pair_round(round++));
		expect_eq(results[1], 1);
		expect_eq(bytes[0], '0');
		expect_eq(pair_read(shared, bytes, 1), 1);
		expect_eq(bytes[0], '1');
	}
	TEST("UHY-CONC-002", "descriptors opened at a time differ") {
		what = OPEN;
		for (int i = 0; i < ROUNDS; i++) {
			if (!expect(pair_round(round++)))
				break;
			expect_all_different();
			for (int k = 0; k < 2 * EACH; k++)
				pair_close(fds[k / EACH][k % EACH]);
		}
	}
	TEST("UHY-CONC-007", "one descriptor is closed once") {
		what = CLOSE;
		for (int i = 0; i < 4 * ROUNDS; i++) {
			shared = pair_open("/data/f", UHYVE_O_RDONLY);
			if (!expect(pair_round(round++)))
				break;
			expect_eq(results[0] + results[1], -UHYVE_EBADF);
			expect(results[0] == 0 || results[1] == 0);
		}
	}
	TEST("UHY-CONC-009", "failures on one vCPU, successes on the other") {
		what = FAIL;
		for (int i = 0; i < ROUNDS; i++) {
			if (!expect(pair_round(round++)))
				break;
			for (int k = 0; k < EACH; k++) {
				expect_fd(fds[0][k]);
				expect_eq(fds[1][k], -UHYVE_ENOENT);
				pair_close(fds[0][k]);
			}
		}
	}
}
