/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Not mutants but lazy hypervisors: they break everything at once, to show that
 * no one passes by doing nothing. Their rows have no requirement but "lazy"; the
 * gate leaves them out, conformance/adapters/lazy-*.toml run them as
 * hypervisors of their own.
 */
#include "mutant.h"

REPLACES(call_write, no_call)
{
	(void)table;
	(void)call;
	return CALL_RESUME;
}

static enum call_outcome reads_nothing(const struct call_table *table,
				       struct call *call)
{
	(void)table;
	call->read_value = 0;
	return CALL_RESUME;
}

/* The value of a field that the hypervisor fills in. */
static uint64_t lazy_output(const struct uhyve_field *field, int error)
{
	switch (field->kind) {
	case UHYVE_KIND_TAG:
		if (!error)
			return UHYVE_STAT_SUCCESS;
		return field->call == UHYVE_GETDENTS ? UHYVE_GETDENTS_ERROR
						     : UHYVE_STAT_ERROR;
	case UHYVE_KIND_ERRNO:
	case UHYVE_KIND_COUNT:
		return (uint64_t)error;
	default:
		return (uint64_t)-error;
	}
}

/* Exit and the console as they are; every other call gives the same answer, and
 * those of version 1, whose blocks are not described, none at all. */
static enum call_outcome all_alike(const struct call_table *table,
				   struct call *call, int error)
{
	if (call->number == UHYVE_EXIT ||
	    call->number == UHYVE_SERIAL_WRITE_BYTE ||
	    call->number == UHYVE_SERIAL_WRITE_BUFFER)
		return __real_call_write(table, call);
	const struct uhyve_field *field;
	for (unsigned i = 0; (field = uhyve_field_at(i)); i++)
		if (field->call == call->number &&
		    (field->direction == UHYVE_OUT ||
		     field->direction == UHYVE_INOUT))
			scribble(call, call->argument + field->offset,
				 lazy_output(field, error), field->size);
	return CALL_RESUME;
}

REPLACES(call_write, all_zero)
{
	return all_alike(table, call, 0);
}

REPLACES(call_write, all_einval)
{
	return all_alike(table, call, UHYVE_EINVAL);
}

static const struct variant rows[] = {
	{"lazy-ignores", "lazy", "every call is ignored", .call_write = no_call,
	 .call_read = reads_nothing},
	{"lazy-zero", "lazy", "every call but Exit and serial gives 0",
	 .call_write = all_zero, .call_read = reads_nothing},
	{"lazy-einval", "lazy", "every call but Exit and serial gives -EINVAL",
	 .call_write = all_einval, .call_read = reads_nothing},
};
VARIANTS(rows);
