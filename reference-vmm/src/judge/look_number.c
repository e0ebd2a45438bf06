/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The call instruction and its number. */
#include <inttypes.h>

#include <uhyve_interface/boot.h>

#include "look.h"

#define NUMBER_FIRST 0x1000u
#define NUMBER_LAST 0x1fffu

/*
 * Ports of a PC that kernels touch without expecting an answer: interrupt
 * controllers, timer, keyboard, POST code, clock, serial lines, PCI, and the
 * exit ports of other VMMs.
 */
static bool of_a_pc(uint64_t port)
{
	static const struct {
		uint16_t first, last;
	} ports[] = {{0x20, 0x21},   {0x40, 0x43},   {0x60, 0x64},
		     {0x70, 0x71},   {0x80, 0x80},   {0xa0, 0xa1},
		     {0xe9, 0xe9},   {0xf4, 0xf4},   {0x2e8, 0x2ff},
		     {0x3b0, 0x3df}, {0x3e8, 0x3ff}, {0x4d0, 0x4d1},
		     {0x501, 0x501}, {0x600, 0x607}, {0xcf8, 0xcff}};

	for (unsigned i = 0; i < sizeof(ports) / sizeof(ports[0]); i++)
		if (port >= ports[i].first && port <= ports[i].last)
			return true;
	return false;
}

static void unknown(const struct look *look)
{
	uint64_t number = look->call->number;
	const char *near = uhyve_number_name(number & ~UINT64_C(0xf));

	if (number >= NUMBER_FIRST && number <= NUMBER_LAST)
		BROKEN(look, JUDGE_UNKNOWN_NUMBER,
		       "0x%" PRIx64 " is the number of no call%s%s", number,
		       near ? "; its low four bits aside it is that of " : "",
		       near ? near : "");
	else if (!of_a_pc(number))
		BROKEN(look, JUDGE_PORT, "port 0x%" PRIx64 " is not there",
		       number);
}

/* Those of version 1 are network calls, which were dropped. */
static void reserved(const struct look *look)
{
	const struct call_row *row = look->call->row;

	if (row->since == 1)
		BROKEN(look, JUDGE_OLD_NUMBER,
		       "%s of version 1 means nothing any more", row->name);
	else
		BROKEN(look, JUDGE_SHM_004, "%s has no meaning yet", row->name);
}

static void width(const struct look *look)
{
	const struct call *call = look->call;
	unsigned bits = look->site.width * 8u;

	if (look->site.width == 0)
		return;
	if (call->read) {
		if (bits != 32)
			BROKEN(look, JUDGE_READ_WIDTH, "a read of %u bits",
			       bits);
		return;
	}
	if (look->site.string) {
		BROKEN(look, JUDGE_CALL_071, "a string output instruction");
		return;
	}
	judge_obeyed(look->judge, JUDGE_CALL_071);
	if (call->number == UHYVE_BOOT_SERIAL_BASE && bits == 8)
		BROKEN(look, JUDGE_BOOT_104,
		       "an 8-bit OUT to the number of SerialWriteBuffer");
	else
		CHECK(look, JUDGE_CALL_070, bits == 32, "an OUT of %u bits",
		      bits);
}

/* Checks the number against the image and its version. */
static void version(const struct look *look)
{
	const struct call_row *row = look->call->row;
	unsigned interface = look->judge->interface;

	if (row->since == 1 && interface >= 2)
		BROKEN(look, JUDGE_OLD_NUMBER,
		       "%s of version 1 in an image of version %u", row->name,
		       interface);
	if (row->since >= 2 && interface == 1)
		BROKEN(look, JUDGE_BOOT_101,
		       "a call of version %u in an image without a note of its "
		       "interface",
		       row->since);
}

bool look_number(const struct look *look)
{
	const struct call_row *row = look->call->row;

	if (!row) {
		unknown(look);
		return false;
	}
	if (!row->perform) {
		reserved(look);
		return false;
	}
	if (look->call->read && row->argument != UHYVE_ARGUMENT_READ) {
		BROKEN(look, JUDGE_READ, "a read of the number of %s",
		       row->name);
		return false;
	}
	if (!look->call->read && row->argument == UHYVE_ARGUMENT_READ) {
		BROKEN(look, JUDGE_UNKNOWN_NUMBER, "%s is read, not written",
		       row->name);
		return false;
	}
	version(look);
	if (row->since >= 2)
		width(look);
	return row->since >= 2;
}
