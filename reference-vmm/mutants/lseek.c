/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileLseek. */
#include "mutant.h"

static enum call_outcome offset_of_32_bits(struct call *call)
{
	struct uhyve_lseek_params *p = &call->block.lseek_params;

	p->offset = (int32_t)p->offset;
	return original(call);
}

static const struct mutant rows[] = {
	{"lseek-32-bits", "UHY-LSEEK-010", "the offset has 32 bits",
	 UHYVE_FILE_LSEEK, offset_of_32_bits},
};
MUTANTS(rows);
