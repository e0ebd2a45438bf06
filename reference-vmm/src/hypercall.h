/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The table of hypercalls and the one function that performs them. It knows
 * nothing of KVM or of an architecture: a vCPU loop hands over a number and an
 * argument, unit tests and fuzzers do the same with RAM of their own.
 */
#ifndef HYPERCALL_H
#define HYPERCALL_H

#include <stdint.h>

#include <uhyve_interface/calls.h>

struct services; /* guest RAM, console, files, arguments: services.h */

/* What a call means for the vCPU that made it. */
enum call_outcome {
	CALL_RESUME,  /* the guest goes on behind the call */
	CALL_EXIT,    /* the guest ended the machine: call->exit_code */
	CALL_UNKNOWN, /* not a number of ours; nothing was touched */
	CALL_FAULT    /* the guest broke a MUST and no field can report it:
	                 call->fault says what */
};

/* One call while it is performed. */
struct call {
	struct services *services;
	const struct call_row *row;
	unsigned vcpu;       /* which vCPU made it */
	uint64_t number;     /* as the guest gave it */
	uint64_t argument;   /* RDI or X8; EAX for version 1 */
	uint32_t read_value; /* what a read of the number gives */
	int32_t exit_code;   /* with CALL_EXIT */
	const char *fault;   /* with CALL_FAULT: one phrase */
	/* The parameter block as copied in, at most the largest one. */
	_Alignas(8) uint8_t block[1032];
};

/* One row: everything that dispatch, trace, statistics and mutants need. */
struct call_row {
	uint64_t number;
	const char *name;
	uint16_t since;      /* interface version; 1: legacy */
	uint16_t block_size; /* bytes, 0 without a block */
	enum uhyve_argument argument;
	enum call_outcome (*perform)(struct call *);
};

/* The rows in use; a mutant replaces some of them before the machine starts. */
struct call_table {
	struct call_row rows[32];
	unsigned count;
};

/* Fills table with the rows of this VMM. */
void call_table_init(struct call_table *table);

/*
 * A write to number with argument by a vCPU (OUT on x86-64, a store on aarch64),
 * and a read of it. Both are safe for any number, argument and memory content.
 */
enum call_outcome call_write(const struct call_table *table, struct call *call);
enum call_outcome call_read(const struct call_table *table, struct call *call);

#endif
