/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "pair.h"

GUEST(
	summary = "two vCPUs create and remove the same names",
	needs = ["smp"],
	vcpus = 2
)

#define ROUNDS 16
#define EXCLUSIVE (UHYVE_O_CREAT | UHYVE_O_EXCL | UHYVE_O_RDWR)

static int32_t results[2];
static enum { CREATE, UNLINK, PRIVATE } what;

static void act(unsigned cpu, unsigned round)
{
	(void)round;
	if (what == CREATE)
		results[cpu] = pair_open("/data/f", EXCLUSIVE);
	else if (what == UNLINK)
		results[cpu] = pair_unlink("/data/f");
	else
		results[cpu] =
			pair_open("/private", UHYVE_O_CREAT | UHYVE_O_RDWR);
}

static void expect_one(int32_t fails_with)
{
	const int winner = results[0] < 0;
	expect(results[winner] >= 0);
	expect_eq(results[!winner], fails_with);
}

void guest_main(void)
{
	unsigned round = 0;
	TEST("UHY-CONC-006", "O_EXCL at a time: one creates the file") {
		what = CREATE;
		for (int i = 0; i < ROUNDS; i++) {
			if (!expect(pair_round(round++)))
				break;
			expect_one(-UHYVE_EEXIST);
			pair_close(results[results[0] < 0]);
			expect_eq(pair_unlink("/data/f"), 0);
		}
	}
	TEST("UHY-CONC-008", "FileUnlink at a time: one removes the name") {
		what = UNLINK;
		for (int i = 0; i < ROUNDS; i++) {
			pair_close(pair_open("/data/f", EXCLUSIVE));
			if (!expect(pair_round(round++)))
				break;
			expect_one(-UHYVE_ENOENT);
		}
	}
	TEST("UHY-CONC-012", "a private file at a time: one file for both") {
		what = PRIVATE;
		for (int i = 0; i < ROUNDS; i++) {
			char byte = 0;
			if (!expect(pair_round(round++)))
				break;
			expect_fd(results[0]);
			expect_fd(results[1]);
			expect_eq(pair_write(results[0], "x", 1), 1);
			expect_eq(pair_read(results[1], &byte, 1), 1);
			expect_eq(byte, 'x');
			pair_close(results[0]);
			pair_close(results[1]);
			expect_eq(pair_unlink("/private"), 0);
		}
	}
}
