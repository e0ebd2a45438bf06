/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of hypercalls and the one function that performs them. It knows
 * nothing of KVM or of an architecture: a vCPU loop hands over a number and an
 * argument, unit tests and fuzzers do the same with RAM of their own.
 */
#ifndef HYPERCALL_H
#define HYPERCALL_H

#include <stdbool.h>
#include <stdint.h>

#include <uhyve_interface/calls.h>
#include <uhyve_interface/v1.h>

struct services; /* guest RAM, console, files, arguments: services.h */

/* The consequence of a call for the vCPU that made it. */
enum call_outcome {
	CALL_RESUME,  /* the guest continues after the call */
	CALL_EXIT,    /* the guest ended the machine: call->exit_code */
	CALL_UNKNOWN, /* not a number of ours; nothing was touched */
	CALL_FAULT    /* the guest broke a MUST and no field can report it:
			 call->fault says what */
};

/* Every parameter block, named by its tag in calls.def. */
union call_block {
#define CALL_BLOCK_BLOCK(block) struct uhyve_##block block;
#define CALL_BLOCK_I32(block)
#define CALL_BLOCK_U8(block)
#define CALL_BLOCK_READ(block)
#define CALL_BLOCK_RESERVED(block)
#define UHYVE_CALL(name, constant, number, since, argument, block, area)       \
	CALL_BLOCK_##argument(block)
#include <uhyve_interface/calls.def>
#define UHYVE_STRUCT(name, size, align) struct uhyve_##name name;
#include <uhyve_interface/v1.def>
	uint8_t bytes[sizeof(struct uhyve_v1_cmdsize_params)];
};

/*
 * One call while it is performed. The vCPU loop sets the first four; the rest
 * need not be cleared.
 */
struct call {
	struct services *services;
	unsigned vcpu;     /* which vCPU made it */
	uint64_t number;   /* as the guest gave it */
	uint64_t argument; /* RDI or X8; EAX where call_is_legacy() */

	bool read; /* of the number: set by call_read() */

	const struct call_row *row; /* null: no number of ours */
	uint32_t read_value;        /* what a read of the number gives */
	int32_t exit_code;          /* with CALL_EXIT */
	const char *fault;          /* with CALL_FAULT: one phrase */
	/*
	 * The parameter block: copied in once before perform() runs, its
	 * outputs copied out after it. Handlers see no other copy.
	 */
	union call_block block;
};

/* Performs a call whose block is in call->block; fills the block's outputs. */
typedef enum call_outcome call_perform(struct call *call);

/* One row: everything that dispatch, trace, statistics and mutants need. */
struct call_row {
	uint64_t number;
	const char *name;
	uint16_t since;      /* interface version; 1: legacy */
	uint16_t block_size; /* bytes, 0 without a block */
	uint16_t block_align;
	uint16_t out_offset; /* the bytes of the block that are outputs */
	uint16_t out_size;
	uint16_t error_offset; /* the field that reports errors */
	uint32_t error_first;  /* the lowest error in it */
	uint32_t errors;       /* how many follow; 0: there is no such field */
	enum uhyve_argument argument;
	call_perform *perform; /* null: the number is reserved */
};

/* So many rows at most; hypercall.c checks that they are enough. */
#define CALL_ROWS_MAX 40

/* The rows in use; a mutant replaces some of them before the machine starts. */
struct call_table {
	struct call_row rows[CALL_ROWS_MAX];
	unsigned count;
};

/* Fills table with the rows of this VMM. */
void call_table_init(struct call_table *table);

/* The row of number, or NULL. */
const struct call_row *call_find(const struct call_table *table,
				 uint64_t number);

/* The vCPU's position when it made a call; 0: unknown. */
struct call_site {
	uint64_t pc; /* at the call instruction, on some hosts right after it */
	uint64_t sp, accumulator; /* RSP and RAX */
	uint8_t width;            /* bytes of the operand */
	bool string;              /* INS or OUTS */
};

/*
 * True if the call reports an error, in few instructions: of a result with a tag
 * the tag has to be looked at, too (trace_failed).
 */
static inline bool call_may_have_failed(const struct call *call)
{
	const struct call_row *row = call->row;
	uint32_t value;

	__builtin_memcpy(&value, call->block.bytes + row->error_offset,
			 sizeof(value));
	return value - row->error_first < row->errors;
}

/* Version 1 takes its 32-bit argument from EAX on x86-64, not from RDI. */
static inline bool call_is_legacy(uint64_t number)
{
	return number < UHYVE_EXIT;
}

/*
 * A write to number with argument by a vCPU (OUT on x86-64, a store on
 * aarch64), and a read of it. Both are safe for any number, argument and memory
 * content, and may run on several vCPUs at the same time. call_read always sets
 * call->read_value, to 0 for numbers that answer no read.
 */
enum call_outcome call_write(const struct call_table *table, struct call *call);
enum call_outcome call_read(const struct call_table *table, struct call *call);

#endif
