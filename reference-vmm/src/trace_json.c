/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A call as a JSON object on a line of its own. Inputs and outputs are numbers
 * under their names in calls.def; names are strings, in which bytes that are
 * not ASCII appear as the code points of the same value.
 */
#include <inttypes.h>
#include <string.h>

#include "call.h"
#include "services.h"
#include "trace.h"

uint64_t trace_value(const union call_block *block,
		     const struct uhyve_field *field)
{
	uint64_t value = 0;

	/* Little-endian, as guest and host are. */
	memcpy(&value, block->bytes + field->offset,
	       field->size < sizeof(value) ? field->size : sizeof(value));
	switch (field->kind) {
	case UHYVE_KIND_FD:
	case UHYVE_KIND_RET:
	case UHYVE_KIND_ERRNO:
		return field->size == 4 ? (uint64_t)(int32_t)value : value;
	default:
		return value;
	}
}

uint64_t trace_length(const union call_block *block,
		      const struct uhyve_field *field)
{
	uint64_t length = 0;

	const struct uhyve_field *other;
	for (unsigned i = 0; (other = call_field_at(i)); i++)
		if (other->call == field->call &&
		    strcmp(other->name, field->length) == 0)
			return trace_value(block, other);
	for (const char *s = field->length; *s >= '0' && *s <= '9'; s++)
		length = length * 10 + (uint64_t)(*s - '0');
	return length;
}

void trace_capture(struct observation *o, const struct call *call)
{
	o->name_length = -EFAULT;
	if (o->load != CALL_RESUME ||
	    call->row->argument != UHYVE_ARGUMENT_BLOCK)
		return;
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = call_field_at(i)); i++)
		if (field->call == call->row->number &&
		    field->kind == UHYVE_KIND_PATH)
			o->name_length =
				gmem_string(&call->services->mem,
					    (struct uhyve_gpa){trace_value(
						    &o->block, field)},
					    o->name, sizeof(o->name));
}

#define PLACES 64

void trace_place(const struct call *call, uint64_t pc, char to[TRACE_PLACE])
{
	static struct {
		uint64_t pc;
		char text[TRACE_PLACE];
	} places[PLACES];
	unsigned slot = pc % PLACES;

	if (places[slot].pc != pc) {
		judge_place(&call->services->judge, pc, places[slot].text,
			    TRACE_PLACE);
		places[slot].pc = pc;
	}
	memcpy(to, places[slot].text, TRACE_PLACE);
}

/* The first field of the call that is of kind TAG, NULL without one. */
static const struct uhyve_field *tag_field(const struct call *call)
{
	const struct uhyve_field *field;

	for (unsigned i = 0; (field = call_field_at(i)); i++)
		if (field->call == call->row->number &&
		    field->kind == UHYVE_KIND_TAG)
			return field;
	return NULL;
}

/* The row of calls.def for what that field holds, NULL for none of them. */
static const struct uhyve_tag *tag_of(const struct call *call,
				      const struct uhyve_field *field)
{
	uint64_t value = trace_value(&call->block, field);

	const struct uhyve_tag *tag;
	for (unsigned i = 0; (tag = uhyve_tag_at(i)); i++)
		if (tag->call == field->call && tag->value == value)
			return tag;
	return NULL;
}

bool trace_payload(const struct call *call, const struct uhyve_field *field)
{
	const struct uhyve_field *where = tag_field(call);
	const struct uhyve_tag *tag = where ? tag_of(call, where) : NULL;

	return !where || (tag && strcmp(tag->payload, field->name) == 0);
}

bool trace_failed(const struct call *call)
{
	if (!call_may_have_failed(call))
		return false;
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = call_field_at(i)); i++)
		if (field->call == call->row->number &&
		    field->kind == UHYVE_KIND_ERRNO)
			return trace_payload(call, field);
	return true;
}

const char *trace_tag(const struct call *call)
{
	const struct uhyve_field *where = tag_field(call);
	const struct uhyve_tag *tag = where ? tag_of(call, where) : NULL;

	return tag ? tag->label : "Unknown";
}

void trace_quote(const char *text, size_t len, FILE *to)
{
	putc('"', to);
	for (size_t i = 0; i < len; i++) {
		uint8_t byte = (uint8_t)text[i];
		if (byte == '"' || byte == '\\')
			fprintf(to, "\\%c", byte);
		else if (byte >= 0x20 && byte < 0x7f)
			putc(byte, to);
		else
			fprintf(to, "\\u%04x", byte);
	}
	putc('"', to);
}

static void put_field(const struct observation *o,
		      const union call_block *block,
		      const struct uhyve_field *field, FILE *to)
{
	uint64_t value = trace_value(block, field);

	fprintf(to, "\"%s\":", field->name);
	if (field->kind == UHYVE_KIND_PATH) {
		if (o->name_length >= 0)
			trace_quote(o->name, (size_t)o->name_length, to);
		else
			fputs("null", to);
	} else if (field->kind == UHYVE_KIND_FD ||
		   field->kind == UHYVE_KIND_RET ||
		   field->kind == UHYVE_KIND_OFFSET) {
		fprintf(to, "%" PRId64, (int64_t)value);
	} else {
		fprintf(to, "%" PRIu64, value);
	}
}

/* The fields with one of two directions as members of an object. */
static void put_fields(const struct observation *o,
		       const union call_block *block, const struct call *call,
		       enum uhyve_direction one, FILE *to)
{
	const char *separator = "";

	const struct uhyve_field *field;
	for (unsigned i = 0; (field = call_field_at(i)); i++) {
		if (field->call != call->row->number || field->size > 8 ||
		    (field->direction != one &&
		     field->direction != UHYVE_INOUT))
			continue;
		if (field->kind == UHYVE_KIND_ERRNO &&
		    !trace_payload(call, field))
			continue;
		fputs(separator, to);
		put_field(o, block, field, to);
		separator = ",";
	}
}

void trace_json(const struct observation *o, const struct call *call,
		enum call_outcome outcome, uint64_t nanoseconds, FILE *to)
{
	static const char *const outcomes[] = {
		[CALL_RESUME] = "resume",
		[CALL_EXIT] = "exit",
		[CALL_UNKNOWN] = "ignored",
		[CALL_FAULT] = "fault",
	};

	fprintf(to, "{\"vcpu\":%u,\"number\":%" PRIu64 ",\"call\":", call->vcpu,
		call->number);
	if (call->row)
		fprintf(to, "\"%s\"", call->row->name);
	else
		fputs("null", to);
	fprintf(to, ",\"read\":%s,\"argument\":%" PRIu64,
		call->read ? "true" : "false", call->argument);
	fprintf(to, ",\"outcome\":\"%s\",\"ns\":%" PRIu64, outcomes[outcome],
		nanoseconds);
	if (o->site.pc) {
		char place[TRACE_PLACE];
		trace_place(call, o->site.pc, place);
		fprintf(to, ",\"pc\":%" PRIu64 ",\"place\":", o->site.pc);
		trace_quote(place, strlen(place), to);
	}
	if (o->site.width)
		fprintf(to, ",\"width\":%u,\"string\":%s", o->site.width,
			o->site.string ? "true" : "false");
	if (call->read)
		fprintf(to, ",\"value\":%" PRIu32, call->read_value);
	if (outcome == CALL_FAULT)
		fprintf(to, ",\"fault\":\"%s\"", call->fault);
	if (o->load == CALL_RESUME &&
	    call->row->argument == UHYVE_ARGUMENT_BLOCK) {
		fputs(",\"in\":{", to);
		put_fields(o, &o->block, call, UHYVE_IN, to);
		fputs("},\"out\":{", to);
		if (outcome == CALL_RESUME)
			put_fields(o, &call->block, call, UHYVE_OUT, to);
		putc('}', to);
	}
	fputs("}\n", to);
}
