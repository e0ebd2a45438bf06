/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where the parameter block lies, and what its results hold before the call. */
#include <inttypes.h>

#include <uhyve_interface/boot.h>

#include "look.h"

static void outside(const struct look *look)
{
	const struct call *call = look->call;
	const struct gmem *ram = &call->services->mem;
	uint64_t accumulator = look->site.accumulator;

	if (call->number == UHYVE_BOOT_SERIAL_BASE && call->argument <= 0xff) {
		BROKEN(look, JUDGE_BOOT_104,
		       "a byte, 0x%02" PRIx64 ", as argument of %s",
		       call->argument, call->row->name);
		return;
	}
	char hint[LOOK_HINT];
	look_hint(look, call->argument, call->row->block_size, hint);
	if (gmem_valid(ram, accumulator, call->row->block_size))
		BROKEN(look, JUDGE_BLOCK_060,
		       "the block at 0x%" PRIx64
		       " is not in RAM, but RAX holds "
		       "an address in RAM: the argument belongs into RDI",
		       call->argument);
	else
		BROKEN(look, JUDGE_BLOCK_060,
		       "the block at 0x%" PRIx64 " is not in RAM%s",
		       call->argument, hint);
}

/* UHY-BLOCK-062, UHY-CONC-013: say the same of two calls at a time. */
static void shared(const struct look *look)
{
	struct judge *judge = look->judge;
	const struct call *call = look->call;
	uint64_t begin = call->argument;
	uint64_t end = begin + call->row->block_size;

	for (unsigned i = 0; i < JUDGE_VCPUS; i++) {
		const struct judge_vcpu *other = &judge->vcpus[i];
		if (i == call->vcpu || other->block == other->block_end ||
		    end <= other->block || begin >= other->block_end)
			continue;
		BROKEN(look, JUDGE_BLOCK_062,
		       "vCPU %u is in a call with the same block", i);
		BROKEN(look, JUDGE_CONC_013,
		       "vCPU %u is in a call with the same block", i);
		return;
	}
	judge_obeyed(judge, JUDGE_BLOCK_062);
	judge_obeyed(judge, JUDGE_CONC_013);
}

/* True if the value of a result field could come from the hypervisor. */
static bool is_result(const struct look *look, const struct uhyve_field *field)
{
	int64_t value = (int64_t)trace_value(look->block, field);

	if (field->kind == UHYVE_KIND_TAG)
		return value != UHYVE_RESULT_NONE;
	return value >= -UHYVE_ERRNO_MAX;
}

/* The first call of a later version than the image's is a probe. */
static void preset(const struct look *look)
{
	const struct call_row *row = look->call->row;
	struct judge *judge = look->judge;
	bool *probed = &judge->probed[row->number >> 4 & 0xf];
	const struct uhyve_field *field;

	if (row->number == UHYVE_SERIAL_READ_BUFFER) {
		const struct uhyve_serial_read_params *p =
			&look->block->serial_read_params;
		if (!*probed)
			CHECK(look, JUDGE_SRBUF_060, p->len > p->maxlen,
			      "len is preset to %" PRIu64
			      ", which is not above maxlen, %" PRIu64,
			      p->len, p->maxlen);
		*probed = true;
	} else if (row->since > judge->interface && judge->interface >= 2) {
		field = look_field(look, UHYVE_KIND_TAG);
		if (!field)
			field = look_field(look, UHYVE_KIND_RET);
		if (field && !*probed)
			CHECK(look, JUDGE_BLOCK_063, !is_result(look, field),
			      "%s is preset to %" PRId64
			      ", which the hypervisor could have stored",
			      field->name,
			      (int64_t)trace_value(look->block, field));
		*probed = true;
	}
}

void look_block(const struct look *look, bool loaded)
{
	const struct call *call = look->call;
	unsigned align = call->row->block_align;

	if (!loaded) {
		outside(look);
		return;
	}
	judge_obeyed(look->judge, JUDGE_BLOCK_060);
	CHECK(look, JUDGE_BLOCK_061, call->argument % align == 0,
	      "the block at 0x%" PRIx64 " is not aligned to %u bytes",
	      call->argument, align);
	shared(look);
	preset(look);
}
