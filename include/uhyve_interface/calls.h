/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * calls.def as C: lookups between number and name, the table of fields, and the
 * assertions that tie the description to the structures of v2.h. Needs nothing
 * but <stdint.h>; everything is static, so that no library is needed.
 */
#ifndef UHYVE_INTERFACE_CALLS_H
#define UHYVE_INTERFACE_CALLS_H

#include "v2.h"

/* ---- The description is the structures ----------------------------------- */

#define UHYVE_FIELD(name, block, field, offset, size, direction, kind, length) \
	UHYVE_ASSERT_OFFSET(uhyve_##block, field, offset);                     \
	UHYVE_STATIC_ASSERT(sizeof(((struct uhyve_##block *)0)->field) ==      \
				    (size),                                    \
			    #name "." #field " size");
#include "calls.def"

/* The numbers as an enumeration: uhyve_call_FileOpen is 0x1110. */
enum uhyve_call_number {
#define UHYVE_CALL(name, number, since, argument, block)                       \
	uhyve_call_##name = number,
#include "calls.def"
};

UHYVE_STATIC_ASSERT((int)uhyve_call_Exit == UHYVE_EXIT, "Exit");
UHYVE_STATIC_ASSERT((int)uhyve_call_SerialWriteByte == UHYVE_SERIAL_WRITE_BYTE,
		    "SerialWriteByte");
UHYVE_STATIC_ASSERT((int)uhyve_call_SerialWriteBuffer ==
			    UHYVE_SERIAL_WRITE_BUFFER,
		    "SerialWriteBuffer");
UHYVE_STATIC_ASSERT((int)uhyve_call_SerialReadByte == UHYVE_SERIAL_READ_BYTE,
		    "SerialReadByte");
UHYVE_STATIC_ASSERT((int)uhyve_call_SerialReadBuffer ==
			    UHYVE_SERIAL_READ_BUFFER,
		    "SerialReadBuffer");
UHYVE_STATIC_ASSERT((int)uhyve_call_FileWrite == UHYVE_FILE_WRITE, "FileWrite");
UHYVE_STATIC_ASSERT((int)uhyve_call_FileOpen == UHYVE_FILE_OPEN, "FileOpen");
UHYVE_STATIC_ASSERT((int)uhyve_call_FileClose == UHYVE_FILE_CLOSE, "FileClose");
UHYVE_STATIC_ASSERT((int)uhyve_call_FileRead == UHYVE_FILE_READ, "FileRead");
UHYVE_STATIC_ASSERT((int)uhyve_call_FileLseek == UHYVE_FILE_LSEEK, "FileLseek");
UHYVE_STATIC_ASSERT((int)uhyve_call_FileUnlink == UHYVE_FILE_UNLINK,
		    "FileUnlink");
UHYVE_STATIC_ASSERT((int)uhyve_call_Getdents == UHYVE_GETDENTS, "Getdents");
UHYVE_STATIC_ASSERT((int)uhyve_call_FileStat == UHYVE_FILE_STAT, "FileStat");
UHYVE_STATIC_ASSERT((int)uhyve_call_FileFstat == UHYVE_FILE_FSTAT, "FileFstat");
UHYVE_STATIC_ASSERT((int)uhyve_call_Mkdir == UHYVE_MKDIR, "Mkdir");
UHYVE_STATIC_ASSERT((int)uhyve_call_SharedMemOpen == UHYVE_SHARED_MEM_OPEN,
		    "SharedMemOpen");
UHYVE_STATIC_ASSERT((int)uhyve_call_SharedMemClose == UHYVE_SHARED_MEM_CLOSE,
		    "SharedMemClose");

/* ---- Lookups ------------------------------------------------------------- */

/*
 * The name of the call with that number ("FileOpen"), or a null pointer for
 * every number that is not one of calls.def. The whole value counts: bits above
 * the 16 of a port are not cut off.
 */
static inline const char *uhyve_number_name(uint64_t number)
{
	switch (number) {
#define UHYVE_CALL(name, number, since, argument, block)                       \
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
#define UHYVE_CALL(name, number, since, argument, block)                       \
	case number:                                                           \
		return since;
#include "calls.def"
	default:
		return 0;
	}
}

/*
 * The number of the call with exactly that name, upper and lower case counting;
 * 0, which is no call, for every other name and for a null pointer.
 */
static inline uint16_t uhyve_name_number(const char *wanted)
{
	static const struct {
		const char *name;
		uint16_t number;
	} calls[] = {
#define UHYVE_CALL(name, number, since, argument, block) {#name, number},
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
	UHYVE_KIND_COUNT
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

/* The i-th call in the order of calls.def, a null pointer behind the last. */
static inline const struct uhyve_call_info *uhyve_call_at(unsigned i)
{
#define UHYVE_BLOCK_SIZE_BLOCK(block) sizeof(struct uhyve_##block)
#define UHYVE_BLOCK_SIZE_I32(block) 0
#define UHYVE_BLOCK_SIZE_U8(block) 0
#define UHYVE_BLOCK_SIZE_READ(block) 0
#define UHYVE_BLOCK_SIZE_RESERVED(block) 0
	static const struct uhyve_call_info calls[] = {
#define UHYVE_CALL(name, number, since, argument, block)                       \
	{#name, number, since, UHYVE_BLOCK_SIZE_##argument(block),             \
	 UHYVE_ARGUMENT_##argument},
#include "calls.def"
	};
	return i < sizeof(calls) / sizeof(calls[0])
		       ? &calls[i]
		       : (const struct uhyve_call_info *)0;
}

/* The i-th field in the order of calls.def, a null pointer behind the last. */
static inline const struct uhyve_field *uhyve_field_at(unsigned i)
{
	static const struct uhyve_field fields[] = {
#define UHYVE_FIELD(name, block, field, offset, size, direction, kind, length) \
	{#field, #length,           uhyve_call_##name, offset,                 \
	 size,   UHYVE_##direction, UHYVE_KIND_##kind},
#include "calls.def"
	};
	return i < sizeof(fields) / sizeof(fields[0])
		       ? &fields[i]
		       : (const struct uhyve_field *)0;
}

#endif /* UHYVE_INTERFACE_CALLS_H */
