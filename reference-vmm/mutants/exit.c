/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exit. */
#include "mutant.h"

static enum call_outcome code_of_7_bits(struct call *call)
{
	enum call_outcome outcome = original(call);

	call->exit_code &= 0x7f;
	return outcome;
}

static enum call_outcome high_bits_count(struct call *call)
{
	return call->argument >> 52 ? CALL_FAULT : original(call);
}

static const struct mutant rows[] = {
	{"exit-ignored", "UHY-EXIT-001", "Exit does nothing", UHYVE_EXIT,
	 ignored},
	{"exit-7-bits", "UHY-EXIT-003", "bit 7 of the code is lost", UHYVE_EXIT,
	 code_of_7_bits},
	{"exit-high-bits", "UHY-EXIT-005",
	 "bits 52 to 63 of the argument count", UHYVE_EXIT, high_bits_count},
};
MUTANTS(rows);
