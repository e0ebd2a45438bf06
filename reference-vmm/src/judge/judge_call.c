/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Every detector of a call, one after the other. */
#include <inttypes.h>
#include <string.h>

#include <uhyve_interface/boot.h>

#include "look.h"

/* Bytes below the stack pointer at entry that only a push writes to. */
#define PUSHED 64
/* vCPUs whose first calls are made this close together share a stack. */
#define SAME_STACK 256

/* UHY-BOOT-103: at entry RSP is the lowest address of the stack. */
static void entry_stack(const struct look *look)
{
	struct judge *judge = look->judge;
	uint64_t sp = look->site.sp;
	const struct gmem *ram = &look->call->services->mem;

	/* Where memory is watched, the first push has told it already. */
	if (sp == 0 || judge->interface == 0 || judge->broken[JUDGE_BOOT_103])
		return;
	uint64_t tables = ram->start + UHYVE_BOOT_PAGE_TABLES;
	if (sp < judge->stack && sp >= tables) {
		BROKEN(look, JUDGE_BOOT_103,
		       "RSP is 0x%" PRIx64 ", below the stack, which begins at "
		       "0x%" PRIx64 ": it was used as it was at entry",
		       sp, judge->stack);
		return;
	}
	const uint64_t *pushed =
		gmem_at(ram, (struct uhyve_gpa){judge->stack - PUSHED}, PUSHED);
	bool clean = true;
	/* A watch sees the push itself, and no leftovers of others. */
	if (judge->watches_memory)
		pushed = NULL;
	for (unsigned i = 0; pushed && i < PUSHED / sizeof(*pushed); i++)
		clean = clean && pushed[i] == 0;
	if (judge->calls == 1)
		CHECK(look, JUDGE_BOOT_103, clean,
		      "before its first call something was pushed below the "
		      "stack, which begins at 0x%" PRIx64,
		      judge->stack);
}

static void stack(const struct look *look)
{
	struct judge_vcpu *self = &look->judge->vcpus[look->call->vcpu];
	uint64_t sp = look->site.sp;

	entry_stack(look);
	if (self->stack || !sp)
		return;
	self->stack = sp;
	self->first_pc = look->site.pc;
	for (unsigned i = 0; i < JUDGE_VCPUS; i++) {
		const struct judge_vcpu *other = &look->judge->vcpus[i];
		if (other != self && other->first_pc == self->first_pc &&
		    other->stack + SAME_STACK > sp &&
		    sp + SAME_STACK > other->stack)
			BROKEN(look, JUDGE_SHARED_STACK,
			       "vCPU %u made its first call here, too, on the "
			       "same stack",
			       i);
	}
}

/* UHY-SRBYTE-061: which of two readers gets a byte is unspecified. */
static void input(const struct look *look)
{
	struct judge *judge = look->judge;
	uint64_t number = look->call->number;
	bool serial = number == UHYVE_SERIAL_READ_BYTE ||
		      number == UHYVE_SERIAL_READ_BUFFER;

	judge->serial_input = judge->serial_input || serial;
	if (serial ||
	    (number == UHYVE_FILE_READ && look->block->read_params.fd == 0))
		CHECK(look, JUDGE_SRBYTE_061,
		      !judge->serial_input || !judge->file_input,
		      "console input is taken by the serial calls and by "
		      "descriptor 0");
}

/* Bytes of an output that are searched. */
#define ECHO_MAX 64

/* True if the call puts out the low byte of UHYVE_SERIAL_NO_BYTE. */
static bool puts_out_ff(const struct look *look)
{
	if (look->call->row->argument == UHYVE_ARGUMENT_U8)
		return (look->call->argument & 0xff) == 0xff;
	const struct uhyve_field *source = look_field(look, UHYVE_KIND_SRC);
	if (!source)
		return false;
	uint64_t len = trace_length(look->block, source);
	struct uhyve_gpa gpa = {trace_value(look->block, source)};
	const uint8_t *at = gmem_at(&look->call->services->mem, gpa, len);
	return at && len && memchr(at, 0xff, len < ECHO_MAX ? len : ECHO_MAX);
}

/*
 * UHY-SRBYTE-060: text holds no 0xff, which no UTF-8 has. A guest may mean it
 * all the same, so this is a guess.
 */
static void echo(const struct look *look)
{
	struct judge_vcpu *self = &look->judge->vcpus[look->call->vcpu];

	if (look->call->read || !self->no_byte)
		return;
	self->no_byte = false;
	if (puts_out_ff(look))
		BROKEN(look, JUDGE_NO_BYTE,
		       "SerialReadByte gave 0xffffffff, which is not a byte, "
		       "and "
		       "the next call puts out 0xff");
	else
		judge_obeyed(look->judge, JUDGE_SRBYTE_060);
}

/* UHY-SRBYTE-060: eight bits cannot tell NO_BYTE from the byte 0xff. */
static void read_byte(const struct look *look)
{
	struct judge_vcpu *self = &look->judge->vcpus[look->call->vcpu];

	self->no_byte = look->call->read_value == UHYVE_SERIAL_NO_BYTE;
	if (self->no_byte && look->site.width == 1)
		BROKEN(look, JUDGE_SRBYTE_060,
		       "an 8-bit read takes 0xffffffff, which is not a byte, "
		       "for "
		       "0xff");
}

/* UHY-EXIT-060, UHY-SWBYTE-060 */
static void immediate(const struct look *look)
{
	uint64_t argument = look->call->argument;

	if (look->call->row->argument == UHYVE_ARGUMENT_I32)
		CHECK(look, JUDGE_EXIT_060, argument >> 32 == 0,
		      "the argument is 0x%" PRIx64, argument);
	else if (look->call->row->argument == UHYVE_ARGUMENT_U8)
		CHECK(look, JUDGE_SWBYTE_060, argument >> 8 == 0,
		      "the argument is 0x%" PRIx64, argument);
}

void judge_call_begin(struct judge *judge, const struct call *call, bool loaded)
{
	pthread_mutex_lock(&judge->lock);
	struct look look = look_at(judge, call, &call->block);
	struct judge_vcpu *self = &judge->vcpus[call->vcpu];
	judge->calls++;
	stack(&look);
	if (look_number(&look)) {
		bool block = call->row->argument == UHYVE_ARGUMENT_BLOCK;
		immediate(&look);
		if (block)
			look_block(&look, loaded);
		if (block && loaded) {
			self->block = call->argument;
			self->block_end =
				call->argument + call->row->block_size;
			look_pointers(&look);
			look_values(&look);
			look_descriptor(&look);
		}
		if (!block || loaded) {
			input(&look);
			echo(&look);
		}
	}
	pthread_mutex_unlock(&judge->lock);
}

void judge_call_end(struct judge *judge, const struct call *call,
		    const union call_block *in, enum call_outcome outcome)
{
	pthread_mutex_lock(&judge->lock);
	struct judge_vcpu *self = &judge->vcpus[call->vcpu];
	self->block = self->block_end = 0;
	if (call->read && call->number == UHYVE_SERIAL_READ_BYTE) {
		struct look look = look_at(judge, call, in);
		read_byte(&look);
	}
	if (outcome == CALL_RESUME && call->row && call->row->since >= 2 &&
	    call->row->argument == UHYVE_ARGUMENT_BLOCK) {
		struct look look = look_at(judge, call, in);
		look_result(&look);
	}
	pthread_mutex_unlock(&judge->lock);
}

void judge_suspect(struct judge *judge, const struct call *call,
		   enum call_outcome outcome)
{
	bool block = outcome == CALL_RESUME &&
		     call->row->argument == UHYVE_ARGUMENT_BLOCK;

	if (judge->mode != JUDGE_WARN || (block && !trace_failed(call)))
		return;
	pthread_mutex_lock(&judge->lock);
	struct look look = look_at(judge, call, &call->block);
	if (outcome == CALL_UNKNOWN) {
		look_number(&look);
	} else if (call->row->since >= 2) {
		immediate(&look);
		if (block) {
			look_pointers(&look);
			look_descriptor(&look);
			look_result(&look);
		}
	}
	pthread_mutex_unlock(&judge->lock);
}
