/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "pair.h"

GUEST(
	summary = "two vCPUs read and write",
	needs = ["smp"],
	vcpus = 2,
	files = {
		"data/append" = "", "data/shared" = "",
		"data/in" = { size = 256 }, "data/pass" = ""
	},
	after = [{ path = "data/append", size = 256, id = "UHY-CONC-003" }]
)

#define ROUNDS 16
#define PIECE 8

static int32_t fds[2];
static int64_t results[2];
static uint8_t found[1024];
static enum { APPEND, SHARED, READ, PASS } what;

static void act(unsigned cpu, unsigned round)
{
	char piece[PIECE];
	memset(piece, cpu ? 'b' : 'a', PIECE);
	if (what == READ)
		results[cpu] = pair_read(fds[cpu], piece, PIECE);
	else if (what != PASS)
		results[cpu] = pair_write(fds[cpu], piece, PIECE);
	else if (cpu == 1 && round)
		results[1] = pair_write(fds[1], piece, PIECE);
}

/*
 * True if the file holds all bytes of each vCPU. A FileWrite may be short, so
 * that a piece may be in parts.
 */
static void expect_pieces(const char *path)
{
	unsigned count[2] = {0, 0};
	int32_t fd = pair_open(path, UHYVE_O_RDONLY);
	expect_eq(pair_read(fd, found, sizeof(found)), 2 * ROUNDS * PIECE);
	for (unsigned i = 0; i < 2 * ROUNDS * PIECE; i++) {
		count[0] += found[i] == 'a';
		count[1] += found[i] == 'b';
	}
	expect_eq(count[0], ROUNDS * PIECE);
	expect_eq(count[1], ROUNDS * PIECE);
}

void guest_main(void)
{
	unsigned round = 0;
	TEST("UHY-CONC-003", "O_APPEND on a descriptor each") {
		what = APPEND;
		fds[0] = pair_open("/data/append",
				   UHYVE_O_APPEND | UHYVE_O_WRONLY);
		fds[1] = pair_open("/data/append",
				   UHYVE_O_APPEND | UHYVE_O_WRONLY);
		for (int i = 0; i < ROUNDS; i++)
			if (!expect(pair_round(round++)))
				break;
		expect_pieces("/data/append");
	}
	TEST("UHY-CONC-004", "writing to one descriptor") {
		what = SHARED;
		fds[0] = fds[1] = pair_open("/data/shared", UHYVE_O_WRONLY);
		for (int i = 0; i < ROUNDS; i++)
			if (!expect(pair_round(round++)))
				break;
		expect_pieces("/data/shared");
	}
	TEST("UHY-CONC-005", "reading from one descriptor") {
		what = READ;
		fds[0] = fds[1] = pair_open("/data/in", UHYVE_O_RDONLY);
		for (int i = 0; i < ROUNDS; i++) {
			if (!expect(pair_round(round++)))
				break;
			expect_eq(results[0], PIECE);
			expect_eq(results[1], PIECE);
		}
		/* 256 bytes are gone, as no byte was given twice. */
		expect_eq(pair_read(fds[0], found, 1), 0);
	}
	TEST("UHY-CONC-010", "written on one vCPU, read on the other") {
		what = PASS;
		fds[0] = pair_open("/data/pass", UHYVE_O_RDONLY);
		fds[1] = pair_open("/data/pass", UHYVE_O_WRONLY);
		for (int i = 0; i < ROUNDS; i++) {
			if (!expect(pair_round(round++)))
				break;
			expect_eq(results[1], PIECE);
			expect_eq(pair_read(fds[0], found, 64), PIECE);
			expect_filled(found, 'b', PIECE);
		}
	}
}
