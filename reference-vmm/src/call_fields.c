/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The fields of version 1 after those of calls.def. */
#include <stddef.h>

#include "call.h"

static const struct uhyve_field v1_fields[] = {
#define UHYVE_V1_FIELD(name, block, field, offset, type, direction, kind,      \
		       length)                                                 \
	{#field,                                                               \
	 #length,                                                              \
	 UHYVE_##name,                                                         \
	 offset,                                                               \
	 sizeof(UHYVE_TYPE_##type),                                            \
	 UHYVE_##direction,                                                    \
	 UHYVE_KIND_##kind},
#include <uhyve_interface/v1.def>
};

/* Rows of uhyve_field_at(). */
enum {
	V2_FIELDS = 0
#define UHYVE_FIELD(...) +1
#include <uhyve_interface/calls.def>
};

const struct uhyve_field *call_field_at(unsigned i)
{
	if (i < V2_FIELDS)
		return uhyve_field_at(i);
	i -= V2_FIELDS;
	return i < sizeof(v1_fields) / sizeof(v1_fields[0]) ? &v1_fields[i]
							    : NULL;
}
