/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The fields of version 1 behind those of calls.def. */
#include <stddef.h>

#include "call.h"

#define V1_FIELD(id, block, field, at, bytes, way, what, count)                \
	UHYVE_ASSERT_OFFSET(uhyve_##block, field, at);                         \
	_Static_assert(sizeof(((struct uhyve_##block *)0)->field) == (bytes),  \
		       #id "." #field " size");
#include "v1_calls.def"

static const struct uhyve_field v1_fields[] = {
#define V1_FIELD(id, block, field, at, bytes, way, what, count)                \
	{#field, #count, UHYVE_##id, at, bytes, UHYVE_##way, UHYVE_KIND_##what},
#include "v1_calls.def"
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
