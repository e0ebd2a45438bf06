/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The data of a call that both forms of the trace print. */
#ifndef TRACE_H
#define TRACE_H

#include <errno.h>
#include <stddef.h>

#include "observe.h"

/*
 * The value of a field of at most 8 bytes, sign-extended where it has a sign.
 */
uint64_t trace_value(const union call_block *block,
		     const struct uhyve_field *field);

/* The length of the buffer that a SRC or DST field points to. */
uint64_t trace_length(const union call_block *block,
		      const struct uhyve_field *field);

/*
 * Where a call was made. What was found last is kept, since the same few places
 * make most calls. The stream of the trace is locked.
 */
#define TRACE_PLACE 160
void trace_place(const struct call *call, uint64_t pc, char to[TRACE_PLACE]);

/*
 * The result's tag in words, and whether the field has a meaning with it. Without
 * a tag every field has.
 */
const char *trace_tag(const struct call *call);
bool trace_payload(const struct call *call, const struct uhyve_field *field);
/* True if the result of a call with a block is an error. */
bool trace_failed(const struct call *call);

/*
 * The bytes as a string of JSON; those that are not ASCII appear as the code
 * points of the same value.
 */
void trace_quote(const char *text, size_t len, FILE *to);

#endif
