/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Blocks by their description (calls.def): for tests that hold for every call, so
 * that a new call gets them for free.
 */
#ifndef GUEST_FIELDS_H
#define GUEST_FIELDS_H

#include "test.h"

#include <uhyve_interface/calls.h>

#define MAX_BLOCK 64 /* bytes, at least the largest block */

/* The description of a call; a null pointer for a number that is none. */
const struct uhyve_call_info *call_info(uint16_t number);

/* The first field of the call with that name or kind, or a null pointer. */
const struct uhyve_field *field_named(uint16_t number, const char *name);
const struct uhyve_field *field_of_kind(uint16_t number, enum uhyve_kind kind);

/* The value of a field, zero-extended; sets its low bytes. */
uint64_t field_get(const volatile void *block, const struct uhyve_field *field);
void field_set(volatile void *block, const struct uhyve_field *field,
	       uint64_t value);
void field_set_named(volatile void *block, uint16_t number, const char *name,
		     uint64_t value);

/* True if the field points to a buffer or a path; whether to a buffer. */
bool field_is_pointer(const struct uhyve_field *field);
bool field_is_buffer(const struct uhyve_field *field);

/* The bytes of a buffer, as the block or calls.def says. */
uint64_t buffer_length(const volatile void *block,
		       const struct uhyve_field *buffer);

/* True if the call has a field that can report an error. */
bool call_reports(uint16_t number);

/* Each call that came with one interface version and can report an error. */
#define FOR_EACH_CALL_OF(version, info)                                        \
	for (unsigned i_ = 0; (info = uhyve_call_at(i_)); i_++)                \
		if (info->since == (version) && call_reports(info->number))

/* The outcome that a block gives: 0 for success, else an error number. */
#define NOT_ANSWERED (-1)
#define MALFORMED (-2) /* an error number outside 1 to 133, an unknown tag */
int64_t call_error(uint16_t number, const volatile void *block);

/* ---- Samples: one working call of each kind ----------------------------------- */

/* The files that samples need, for the manifest: "data/in" = SAMPLE_IN. */
#define SAMPLE_IN "0123456789abcdef"

/* Opens what the samples use; once, before the first sample. */
void samples_open(void);

/*
 * Fills block with inputs with which the call succeeds, its result fields with
 * values that are not results. Buffers and paths are fresh.
 */
void sample(uint16_t number, volatile void *block);

/* Makes the call of a sample in block and expects that it succeeds. */
void sample_call(const struct uhyve_call_info *info, volatile void *block);

/* The data that the last sample points to. */
extern uint8_t sample_out[512]; /* output buffer, filled with 0xee */
extern uint8_t sample_src[64];  /* input buffer */
extern char sample_path[32];
extern int32_t sample_fd_in, sample_fd_out;

#endif
