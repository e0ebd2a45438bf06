/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Number, row, block in, handler, block out. */
#include "hypercall.h"

#include <stddef.h>

#include "call.h"
#include "services.h"

/* Rows of the interface: calls.def; a handler is called call_NAME. */
#define SIZE_BLOCK(block) sizeof(struct uhyve_##block)
#define ALIGN_BLOCK(block) _Alignof(struct uhyve_##block)
#define SIZE_I32(block) 0
#define ALIGN_I32(block) 1
#define SIZE_U8(block) 0
#define ALIGN_U8(block) 1
#define SIZE_READ(block) 0
#define ALIGN_READ(block) 1
#define SIZE_RESERVED(block) 0
#define ALIGN_RESERVED(block) 1
#define PERFORM_BLOCK(name) call_##name
#define PERFORM_I32(name) call_##name
#define PERFORM_U8(name) call_##name
#define PERFORM_READ(name) call_##name
#define PERFORM_RESERVED(name) NULL
#define UHYVE_CALL(id, constant, port, version, kind, block, area)             \
	{.number = (port),                                                     \
	 .name = #id,                                                          \
	 .since = (version),                                                   \
	 .block_size = SIZE_##kind(block),                                     \
	 .block_align = ALIGN_##kind(block),                                   \
	 .argument = UHYVE_ARGUMENT_##kind,                                    \
	 .perform = PERFORM_##kind(id)},

static const struct call_row rows[] = {
#include <uhyve_interface/calls.def>
#define V1_PERFORM_BLOCK(id) HANDLER_##id
#define V1_PERFORM_U8(id) HANDLER_##id
#define V1_PERFORM_RESERVED(id) NULL
#define UHYVE_V1_CALL(id, port, kind, block)                                   \
	{.number = (port),                                                     \
	 .name = #id,                                                          \
	 .since = 1,                                                           \
	 .block_size = SIZE_##kind(block),                                     \
	 .block_align = ALIGN_##kind(block),                                   \
	 .argument = UHYVE_ARGUMENT_##kind,                                    \
	 .perform = V1_PERFORM_##kind(id)},
#include <uhyve_interface/v1.def>
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))
_Static_assert(ROWS <= CALL_ROWS_MAX, "the table holds every row");

/* Version 1 has other fields, and uhyve has no warning for them. */
static void find_error(struct call_row *row)
{
	row->errors = 0;
	const struct uhyve_field *field;
	for (unsigned i = 0; row->since > 1 && (field = call_field_at(i)); i++)
		if (field->call == row->number &&
		    (field->kind == UHYVE_KIND_RET ||
		     field->kind == UHYVE_KIND_ERRNO)) {
			row->error_offset = field->offset;
			row->errors = UHYVE_ERRNO_MAX;
			/* As -errno, or as errno. */
			row->error_first = field->kind == UHYVE_KIND_RET
						   ? -(uint32_t)UHYVE_ERRNO_MAX
						   : 1;
		}
}

/* The outputs of a block lie together: from the first field to the last. */
static void find_outputs(struct call_row *row)
{
	unsigned begin = row->block_size, end = 0;

	const struct uhyve_field *field;
	for (unsigned i = 0; (field = call_field_at(i)); i++) {
		if (field->call != row->number ||
		    (field->direction != UHYVE_OUT &&
		     field->direction != UHYVE_INOUT))
			continue;
		if (field->offset < begin)
			begin = field->offset;
		if (field->offset + field->size > (int)end)
			end = (unsigned)field->offset + field->size;
	}
	find_error(row);
	row->out_offset = (uint16_t)begin;
	row->out_size = (uint16_t)(end > begin ? end - begin : 0);
}

void call_table_init(struct call_table *table)
{
	table->count = ROWS;
	for (unsigned i = 0; i < ROWS; i++) {
		table->rows[i] = rows[i];
		find_outputs(&table->rows[i]);
	}
}

const struct call_row *call_find(const struct call_table *table,
				 uint64_t number)
{
	for (unsigned i = 0; i < table->count; i++)
		if (table->rows[i].number == number)
			return &table->rows[i];
	return NULL;
}

/* UHY-BLOCK-040 to -047: the whole block lies in RAM, and is read once. */
static enum call_outcome load(struct call *call)
{
	struct uhyve_gpa gpa = {call->argument};
	const struct call_row *row = call->row;

	if (row->argument != UHYVE_ARGUMENT_BLOCK ||
	    gmem_load(&call->services->mem, gpa, &call->block,
		      row->block_size) == 0)
		return CALL_RESUME;
	call->fault = "the parameter block is not in guest memory";
	return CALL_FAULT;
}

/* UHY-BLOCK-020 to -022: of the block only outputs are written. */
static void store(struct call *call)
{
	const struct call_row *row = call->row;
	struct uhyve_gpa gpa = {call->argument + row->out_offset};

	if (!row->out_size)
		return;
	gmem_store(&call->services->mem, gpa,
		   call->block.bytes + row->out_offset, row->out_size);
	if (call_may_have_failed(call))
		judge_suspect(&call->services->judge, call, CALL_RESUME);
}

static enum call_outcome perform(struct call *call)
{
	enum call_outcome outcome = call->row->perform(call);

	if (outcome == CALL_RESUME)
		store(call);
	return outcome;
}

/* Bits of the argument that no address has, and no code or byte. */
#define ARGUMENT_UNUSED 52

static enum call_outcome plain(struct call *call, enum call_outcome outcome)
{
	if (outcome != CALL_RESUME || call->argument >> ARGUMENT_UNUSED)
		judge_suspect(&call->services->judge, call, outcome);
	return outcome == CALL_RESUME ? perform(call) : outcome;
}

static enum call_outcome dispatch(struct call *call, bool known)
{
	struct observer *observer = &call->services->observer;
	enum call_outcome outcome = known ? load(call) : CALL_UNKNOWN;

	if (!observer->wanted)
		return plain(call, outcome);
	struct observation o;
	o.load = outcome;
	observe_begin(observer, &o, call);
	if (outcome == CALL_RESUME)
		outcome = perform(call);
	observe_end(observer, &o, call, outcome);
	return outcome;
}

enum call_outcome call_write(const struct call_table *table, struct call *call)
{
	const struct call_row *row = call_find(table, call->number);
	bool known =
		row && row->perform && row->argument != UHYVE_ARGUMENT_READ;

	call->row = row;
	call->read = false;
	return dispatch(call, known);
}

enum call_outcome call_read(const struct call_table *table, struct call *call)
{
	const struct call_row *row = call_find(table, call->number);
	bool known =
		row && row->perform && row->argument == UHYVE_ARGUMENT_READ;

	call->row = row;
	call->read = true;
	call->read_value = 0;
	return dispatch(call, known);
}
