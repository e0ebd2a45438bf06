/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A call as a line of text, in the manner of strace, made from the fields of
 * calls.def:
 *
 *	0 FileOpen(name="/data/f", flags=O_RDONLY, mode=0) = 3 <12.3 us>
 */
#include <inttypes.h>
#include <string.h>

#include "call.h"
#include "services.h"
#include "trace.h"

/* Bytes of names and of buffers that are shown. */
#define SHOWN_NAME 256
#define SHOWN_BYTES 32

static void put_escaped(const uint8_t *bytes, size_t len, FILE *to)
{
	putc('"', to);
	for (size_t i = 0; i < len; i++) {
		if (bytes[i] == '\n')
			fputs("\\n", to);
		else if (bytes[i] == '"' || bytes[i] == '\\')
			fprintf(to, "\\%c", bytes[i]);
		else if (bytes[i] >= 0x20 && bytes[i] < 0x7f)
			putc(bytes[i], to);
		else
			fprintf(to, "\\x%02x", bytes[i]);
	}
	putc('"', to);
}

/* The first bytes at gpa, of len; its address when they are not in RAM. */
static void put_bytes(const struct call *call, uint64_t gpa, uint64_t len,
		      FILE *to)
{
	const uint8_t *at =
		gmem_at(&call->services->mem, (struct uhyve_gpa){gpa}, len);

	if (!at) {
		fprintf(to, "0x%" PRIx64, gpa);
		return;
	}
	put_escaped(at, len < SHOWN_BYTES ? len : SHOWN_BYTES, to);
	if (len > SHOWN_BYTES)
		fputs("...", to);
}

static void put_name(const struct observation *o, uint64_t gpa, FILE *to)
{
	bool cut = o->name_length < 0 || o->name_length > SHOWN_NAME;

	if (o->name_length == -EFAULT) {
		fprintf(to, "0x%" PRIx64, gpa);
		return;
	}
	put_escaped((const uint8_t *)o->name,
		    cut ? SHOWN_NAME : (size_t)o->name_length, to);
	if (cut)
		fputs("...", to);
}

static void put_flags(uint32_t flags, FILE *to)
{
	uint32_t access = flags & UHYVE_O_ACCMODE;

	fputs(uhyve_constant_name(UHYVE_GROUP_open_flag, access), to);
	const struct uhyve_constant *flag;
	for (unsigned i = 0; (flag = uhyve_constant_at(i)); i++)
		if (flag->group == UHYVE_GROUP_open_flag &&
		    flag->value > UHYVE_O_ACCMODE &&
		    flag->value != UHYVE_O_ALLOWED && flags & flag->value)
			fprintf(to, "|%s", flag->name);
	if (flags & ~(uint32_t)UHYVE_O_ALLOWED)
		fprintf(to, "|%#x", flags & ~(uint32_t)UHYVE_O_ALLOWED);
}

/* The name of a 32-bit constant, without what all of its group begin with. */
static void put_one_of(enum uhyve_group group, uint64_t value,
		       const char *prefix, FILE *to)
{
	const char *name = uhyve_constant_name(group, value & UINT32_MAX);

	if (name)
		fputs(name + strlen(prefix), to);
	else
		fprintf(to, "%" PRIu64, value & UINT32_MAX);
}

static void put_input(const struct observation *o, const struct call *call,
		      const struct uhyve_field *field, FILE *to)
{
	uint64_t value = trace_value(&o->block, field);

	fprintf(to, "%s=", field->name);
	switch (field->kind) {
	case UHYVE_KIND_PATH:
		put_name(o, value, to);
		break;
	case UHYVE_KIND_SRC:
		put_bytes(call, value, trace_length(&o->block, field), to);
		break;
	case UHYVE_KIND_FLAGS:
		put_flags((uint32_t)value, to);
		break;
	case UHYVE_KIND_MODE:
		fprintf(to, "%#" PRIo32, (uint32_t)value);
		break;
	case UHYVE_KIND_WHENCE:
		put_one_of(UHYVE_GROUP_whence, value, "", to);
		break;
	case UHYVE_KIND_KIND:
		put_one_of(UHYVE_GROUP_stat_kind, value, "STAT_", to);
		break;
	case UHYVE_KIND_FD:
	case UHYVE_KIND_OFFSET:
		fprintf(to, "%" PRId64, (int64_t)value);
		break;
	case UHYVE_KIND_DST:
		fprintf(to, "0x%" PRIx64, value);
		break;
	default:
		fprintf(to, "%" PRIu64, value);
	}
}

static void put_error(int64_t error, FILE *to)
{
	const char *name = strerrorname_np((int)error);

	if (name)
		fputs(name, to);
	else
		fprintf(to, "%" PRId64, error);
}

/* The whole argument where more of it is set than has a meaning. */
static void put_rest(bool more, uint64_t argument, FILE *to)
{
	if (more)
		fprintf(to, " of 0x%" PRIx64, argument);
}

static void put_inputs(const struct observation *o, const struct call *call,
		       FILE *to)
{
	const char *separator = "";

	fprintf(to, "%s(", call->row->name);
	const struct uhyve_field *field;
	switch (call->row->argument) {
	case UHYVE_ARGUMENT_I32:
		fprintf(to, "%" PRId32, (int32_t)call->argument);
		put_rest(call->argument > UINT32_MAX, call->argument, to);
		break;
	case UHYVE_ARGUMENT_U8:
		fprintf(to, "0x%x", (uint8_t)call->argument);
		put_rest(call->argument > UINT8_MAX, call->argument, to);
		break;
	case UHYVE_ARGUMENT_BLOCK:
		if (o->load != CALL_RESUME) {
			fprintf(to, "0x%" PRIx64, call->argument);
			break;
		}
		for (unsigned i = 0; (field = call_field_at(i)); i++) {
			if (field->call != call->row->number ||
			    (field->direction != UHYVE_IN &&
			     field->direction != UHYVE_INOUT))
				continue;
			fputs(separator, to);
			put_input(o, call, field, to);
			separator = ", ";
		}
		break;
	default:
		break;
	}
	putc(')', to);
}

/* " = 3", " = -ENOENT", " = Success 24", " = Error ENOENT". */
static void put_output(const struct call *call, const struct uhyve_field *field,
		       FILE *to)
{
	int64_t value = (int64_t)trace_value(&call->block, field);

	switch (field->kind) {
	case UHYVE_KIND_RET:
	case UHYVE_KIND_OFFSET:
		fputs(" = ", to);
		if (value < 0 && value >= -UHYVE_ERRNO_MAX) {
			putc('-', to);
			put_error(-value, to);
		} else {
			fprintf(to, "%" PRId64, value);
		}
		break;
	case UHYVE_KIND_TAG:
		fprintf(to, " = %s", trace_tag(call));
		break;
	case UHYVE_KIND_ERRNO:
		if (trace_payload(call, field)) {
			putc(' ', to);
			put_error((int32_t)value, to);
		}
		break;
	case UHYVE_KIND_COUNT:
		if (trace_payload(call, field))
			fprintf(to, " %" PRId64, value);
		break;
	default:
		break;
	}
}

static void put_outcome(const struct call *call, enum call_outcome outcome,
			FILE *to)
{
	const struct uhyve_field *field;

	if (outcome == CALL_FAULT)
		fprintf(to, " fault: %s", call->fault);
	else if (outcome == CALL_EXIT)
		fputs(" = ?", to);
	else if (call->read && call->read_value == UHYVE_SERIAL_NO_BYTE)
		fputs(" = none", to);
	else if (call->read)
		fprintf(to, " = 0x%" PRIx32, call->read_value);
	else
		for (unsigned i = 0; (field = call_field_at(i)); i++)
			if (field->call == call->row->number &&
			    field->direction != UHYVE_IN)
				put_output(call, field, to);
}

/* " at 0x100041234 (main+0x34)", odd forms with their width; a new line. */
static void put_site(const struct observation *o, const struct call *call,
		     FILE *to)
{
	if (o->site.pc) {
		char place[TRACE_PLACE];
		trace_place(call, o->site.pc, place);
		fprintf(to, " at %s", place);
	}
	if (o->site.width && o->site.width != 4)
		fprintf(to, " (%u bits)", o->site.width * 8u);
	if (o->site.string)
		fputs(" (string)", to);
	putc('\n', to);
}

void trace_text(const struct observation *o, const struct call *call,
		enum call_outcome outcome, uint64_t nanoseconds, FILE *to)
{
	fprintf(to, "%u ", call->vcpu);
	if (outcome == CALL_UNKNOWN) {
		fprintf(to, "%s of %s 0x%" PRIx64 " (0x%" PRIx64 ") ignored",
			call->read ? "read" : "write",
			call->row ? call->row->name : "unknown number",
			call->number, call->argument);
		put_site(o, call, to);
		return;
	}
	put_inputs(o, call, to);
	put_outcome(call, outcome, to);
	fprintf(to, " <%" PRIu64 ".%" PRIu64 " us>", nanoseconds / 1000,
		nanoseconds % 1000 / 100);
	put_site(o, call, to);
}

void observe_describe(const struct call *call, FILE *to)
{
	const struct call_row *row = call->row;
	struct observation o = {.load = CALL_FAULT};

	if (!row) {
		fprintf(to, "unknown number 0x%" PRIx64, call->number);
		return;
	}
	if (gmem_valid(&call->services->mem, call->argument, row->block_size)) {
		o.load = CALL_RESUME;
		o.block = call->block;
	}
	trace_capture(&o, call);
	put_inputs(&o, call, to);
}
