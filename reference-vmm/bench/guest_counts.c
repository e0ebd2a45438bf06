/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The guest of `make counts`: every call of the table, three times each, between
 * two lines on the console. A trace of the hypervisor's system calls shows the
 * lines as writes, and between them what the call costs.
 */
#include "fields.h"

GUEST(
	summary = "every call between two marks",
	tap = false,
	stdin = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
)

/* The first one may open or allocate what later ones find. */
#define ROUNDS 3

static void one_call(const struct uhyve_call_info *info)
{
	static uint64_t block[MAX_BLOCK / 8];
	uint64_t argument = info->block_size ? (uint64_t)(uintptr_t)block : '.';
	sample(info->number, block);
	say("<%s", info->name);
	if (info->argument == UHYVE_ARGUMENT_READ)
		uhyve_read(info->number);
	else
		uhyve_call(info->number, argument);
	say(">%s", info->name);
}

/* SerialReadBuffer comes last: where a hypervisor dies of it, the others are counted. */
static bool is_last(const struct uhyve_call_info *info)
{
	return info->number == UHYVE_SERIAL_READ_BUFFER;
}

static void calls(bool last)
{
	const struct uhyve_call_info *info;
	for (unsigned i = 0; (info = uhyve_call_at(i)); i++) {
		if (info->argument == UHYVE_ARGUMENT_RESERVED ||
		    info->number == UHYVE_EXIT || is_last(info) != last)
			continue;
		for (unsigned round = 0; round < ROUNDS; round++)
			one_call(info);
	}
}

void guest_main(void)
{
	samples_open();
	calls(false);
	calls(true);
	uhyve_exit(0);
}
