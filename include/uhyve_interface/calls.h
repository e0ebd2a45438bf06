/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * calls.def and v2.def as C: lookups between number and name, the tables of calls,
 * fields, tags and constants. v2.h asserts that they describe its structures.
 * Needs nothing but <stdint.h>; everything is static, so that no library is
 * needed.
 */
#ifndef UHYVE_INTERFACE_CALLS_H
#define UHYVE_INTERFACE_CALLS_H

#include "v2.h"

/* The numbers as an enumeration: uhyve_call_FileOpen is 0x1110. */
enum uhyve_call_number {
#define UHYVE_CALL(name, constant, number, since, argument, block, area)       \
	uhyve_call_##name = number,
#include "calls.def"
};

/* ---- Lookups ------------------------------------------------------------- */

/*
 * The name of the call with that number ("FileOpen"), or a null pointer for
 * every number that is not one of calls.def. The whole value counts: bits above
 * the 16 of a port are not cut off.
 */
static inline const char *uhyve_number_name(uint64_t number)
{
	switch (number) {
#define UHYVE_CALL(name, constant, number, since, argument, block, area)       \
	case number:                                                           \
		return #name;
#include "calls.def"
	default:
		return (const char *)0;
	}
}

/*
 * The first interface version that has that number; 0 for a number that is not
 * one of calls.def.
 */
static inline int uhyve_number_since(uint64_t number)
{
	switch (number) {
#define UHYVE_CALL(name, constant, number, since, argument, block, area)       \
	case number:                                                           \
		return since;
#include "calls.def"
	default:
		return 0;
	}
}

/*
 * The number of the call with exactly that name, upper and lower case counting;
 * 0, which is not a call, for every other name and for a null pointer.
 */
static inline uint16_t uhyve_name_number(const char *wanted)
{
	static const struct {
		const char *name;
		uint16_t number;
	} calls[] = {
#define UHYVE_CALL(name, constant, number, since, argument, block, area)       \
	{#name, number},
#include "calls.def"
	};
	if (!wanted)
		return 0;
	for (unsigned i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		const char *a = calls[i].name, *b = wanted;
		while (*a && *a == *b)
			a++, b++;
		if (*a == *b)
			return calls[i].number;
	}
	return 0;
}

/* ---- The tables ---------------------------------------------------------- */

enum uhyve_argument {
	UHYVE_ARGUMENT_BLOCK,
	UHYVE_ARGUMENT_I32,
	UHYVE_ARGUMENT_U8,
	UHYVE_ARGUMENT_READ,
	UHYVE_ARGUMENT_RESERVED
};

/* One row of UHYVE_CALL. */
struct uhyve_call_info {
	const char *name;
	uint16_t number;
	uint16_t since;
	uint16_t block_size; /* bytes, 0 without a block */
	enum uhyve_argument argument;
};

enum uhyve_direction { UHYVE_IN, UHYVE_OUT, UHYVE_INOUT, UHYVE_PAD };

enum uhyve_kind {
	UHYVE_KIND_NONE,
	UHYVE_KIND_PATH,
	UHYVE_KIND_SRC,
	UHYVE_KIND_DST,
	UHYVE_KIND_LEN,
	UHYVE_KIND_FD,
	UHYVE_KIND_FLAGS,
	UHYVE_KIND_MODE,
	UHYVE_KIND_WHENCE,
	UHYVE_KIND_KIND,
	UHYVE_KIND_OFFSET,
	UHYVE_KIND_RET,
	UHYVE_KIND_TAG,
	UHYVE_KIND_ERRNO,
	UHYVE_KIND_COUNT,
	UHYVE_KIND_GVA
};

/* One row of UHYVE_FIELD. */
struct uhyve_field {
	const char *name;
	const char *length; /* "none", a field's name, or a decimal number */
	uint16_t call;      /* number */
	uint16_t offset, size;
	enum uhyve_direction direction;
	enum uhyve_kind kind;
};

/* The i-th call in the order of calls.def, a null pointer after the last. */
static inline const struct uhyve_call_info *uhyve_call_at(unsigned i)
{
#define UHYVE_BLOCK_SIZE_BLOCK(block) sizeof(struct uhyve_##block)
#define UHYVE_BLOCK_SIZE_I32(block) 0
#define UHYVE_BLOCK_SIZE_U8(block) 0
#define UHYVE_BLOCK_SIZE_READ(block) 0
#define UHYVE_BLOCK_SIZE_RESERVED(block) 0
	static const struct uhyve_call_info calls[] = {
#define UHYVE_CALL(name, constant, number, since, argument, block, area)       \
	{#name, number, since, UHYVE_BLOCK_SIZE_##argument(block),             \
	 UHYVE_ARGUMENT_##argument},
#include "calls.def"
	};
	return i < sizeof(calls) / sizeof(calls[0])
		       ? &calls[i]
		       : (const struct uhyve_call_info *)0;
}

/* The i-th field in the order of calls.def, a null pointer after the last. */
static inline const struct uhyve_field *uhyve_field_at(unsigned i)
{
	static const struct uhyve_field fields[] = {
#define UHYVE_FIELD(name, block, field, offset, type, direction, kind, length) \
	{#field,                                                               \
	 #length,                                                              \
	 uhyve_call_##name,                                                    \
	 offset,                                                               \
	 sizeof(UHYVE_TYPE_##type),                                            \
	 UHYVE_##direction,                                                    \
	 UHYVE_KIND_##kind},
#include "calls.def"
	};
	return i < sizeof(fields) / sizeof(fields[0])
		       ? &fields[i]
		       : (const struct uhyve_field *)0;
}

/* One row of UHYVE_TAG: a value of the field of kind TAG. */
struct uhyve_tag {
	const char *label;   /* "Success" */
	const char *payload; /* the field that counts with it, or "none" */
	uint16_t call;       /* number */
	uint32_t value;
};

/* The i-th tag in the order of calls.def, a null pointer after the last. */
static inline const struct uhyve_tag *uhyve_tag_at(unsigned i)
{
	static const struct uhyve_tag tags[] = {
#define UHYVE_TAG(name, constant, value, label, payload)                       \
	{#label, #payload, uhyve_call_##name, value},
#include "calls.def"
	};
	return i < sizeof(tags) / sizeof(tags[0]) ? &tags[i]
						  : (const struct uhyve_tag *)0;
}

/* The kinds of objects that an input has to name for a call to succeed. */
enum uhyve_sample {
	UHYVE_SAMPLE_DEFAULT,   /* what the field's kind says */
	UHYVE_SAMPLE_WRITABLE,  /* a descriptor that is open for writing */
	UHYVE_SAMPLE_DIRECTORY, /* a descriptor of a directory */
	UHYVE_SAMPLE_OWN,       /* something that only this call uses */
	UHYVE_SAMPLE_FREE,      /* a name that does not exist */
	UHYVE_SAMPLE_ROOM,      /* a length with room for a directory entry */
	UHYVE_SAMPLE_PATH       /* the length of the path with its NUL */
};

/* The sample of a field; UHYVE_SAMPLE_DEFAULT for most. */
static inline enum uhyve_sample uhyve_sample_of(uint16_t number,
						const char *field)
{
	static const struct {
		const char *field;
		uint16_t call;
		enum uhyve_sample sample;
	} samples[] = {
#define UHYVE_SAMPLE(name, field, sample)                                      \
	{#field, uhyve_call_##name, UHYVE_SAMPLE_##sample},
#include "calls.def"
	};
	for (unsigned i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		const char *a = samples[i].field, *b = field;
		while (*a && *a == *b)
			a++, b++;
		if (samples[i].call == number && *a == *b)
			return samples[i].sample;
	}
	return UHYVE_SAMPLE_DEFAULT;
}

enum uhyve_group {
	UHYVE_GROUP_open_flag,
	UHYVE_GROUP_whence,
	UHYVE_GROUP_error,
	UHYVE_GROUP_stat_kind,
	UHYVE_GROUP_file_type,
	UHYVE_GROUP_dirent_type,
	UHYVE_GROUP_limit
};

/* One row of UHYVE_CONSTANT. */
struct uhyve_constant {
	const char *name; /* "O_CREAT" */
	uint32_t value;
	enum uhyve_group group;
};

/* The i-th constant in the order of v2.def, a null pointer after the last. */
static inline const struct uhyve_constant *uhyve_constant_at(unsigned i)
{
	static const struct uhyve_constant constants[] = {
#define UHYVE_CONSTANT(group, name, value)                                     \
	{#name, UHYVE_##name, UHYVE_GROUP_##group},
#include "v2.def"
	};
	return i < sizeof(constants) / sizeof(constants[0])
		       ? &constants[i]
		       : (const struct uhyve_constant *)0;
}

/* The name of a constant of that group with that value, or a null pointer. */
static inline const char *uhyve_constant_name(enum uhyve_group group,
					      uint64_t value)
{
	const struct uhyve_constant *constant;
	for (unsigned i = 0; (constant = uhyve_constant_at(i)); i++)
		if (constant->group == group && constant->value == value)
			return constant->name;
	return (const char *)0;
}

#endif /* UHYVE_INTERFACE_CALLS_H */
