/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Judging the guest, as validation layers judge users of a graphics API: does it
 * keep the rules for guests? Off, nothing here is called but for calls that
 * failed or were not understood; those are worth one warning a place.
 */
#ifndef JUDGE_H
#define JUDGE_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "../hypercall.h"

struct image;

enum judge_mode {
	JUDGE_SILENT, /* says nothing */
	JUDGE_WARN,   /* one line a place for what uhyve warns of or dies of */
	JUDGE_TEXT,   /* watches every call; a report at the end */
	JUDGE_JSON    /* the same for programs */
};

/* Names of rules.def. */
enum judge_rule {
#define JUDGE_RULE(name, id, how, mend) JUDGE_##name,
#define JUDGE_WARNING(name, slug, mend) JUDGE_##name,
#include "rules.def"
	JUDGE_RULES
};

#define JUDGE_TEXT_SIZE 400 /* bytes of a message */
#define JUDGE_FINDINGS 256  /* places that are kept; the rest is counted */

/* One rule broken at one place, however often. */
struct judge_finding {
	enum judge_rule rule;
	unsigned vcpu;
	uint64_t pc, count;
	bool has_call;
	char call[JUDGE_TEXT_SIZE]; /* decoded, of the first time */
	char what[JUDGE_TEXT_SIZE]; /* what is wrong with it */
};

/* The current state of a vCPU. */
struct judge_vcpu {
	uint64_t block, block_end; /* in use by a call; equal: none */
	uint64_t stack, first_pc;  /* at its first call; 0: none yet */
	bool no_byte;              /* its last read was answered by NO_BYTE */
	int32_t failed_open;       /* the error of its last FileOpen, or 0 */
};

#define JUDGE_VCPUS 64
#define JUDGE_DESCRIPTORS (1u << 20)

struct judge {
	enum judge_mode mode;
	bool to_file; /* out is not standard error */
	FILE *out;    /* of the report */
	const struct image *image;
	uint64_t load, stack; /* see boot.h */
	unsigned interface;   /* version that the image names */
	pthread_mutex_t lock;
	uint64_t obeyed[JUDGE_RULES], broken[JUDGE_RULES];
	struct judge_finding *findings;
	unsigned finding_count;
	uint64_t calls;
	struct judge_vcpu vcpus[JUDGE_VCPUS];
	uint8_t *descriptors; /* enum in look_descriptors.c */
	bool serial_input, file_input;
	bool probed[16];     /* calls of a later version than the image's */
	bool watches_memory; /* watch.c can tell what the guest touches */
};

/*
 * file: where the report goes, NULL for standard error; before the sandbox
 * closes. 0 or -errno.
 */
int judge_open(struct judge *judge, enum judge_mode mode, const char *file);
void judge_release(struct judge *judge);

static inline bool judge_is_on(const struct judge *judge)
{
	return judge->mode >= JUDGE_TEXT;
}

/* ---- Around a call (judge_call.c); only while judging -------------------------- */

/* Before it is performed; loaded: its block is in call->block. */
void judge_call_begin(struct judge *judge, const struct call *call,
		      bool loaded);
void judge_call_end(struct judge *judge, const struct call *call,
		    const union call_block *in, enum call_outcome outcome);

/* ---- Without judging ------------------------------------------------------------- */

/*
 * A call that failed, faulted or is not offered: warns where uhyve warns or
 * dies. Cheap when there is nothing to say.
 */
void judge_suspect(struct judge *judge, const struct call *call,
		   enum call_outcome outcome);

/* ---- Findings ---------------------------------------------------------------------- */

/*
 * The rule was obeyed, or broken by the vCPU at pc. call may be NULL. Any thread.
 */
void judge_obeyed(struct judge *judge, enum judge_rule rule);
void judge_broken(struct judge *judge, enum judge_rule rule, unsigned vcpu,
		  uint64_t pc, const struct call *call, const char *format, ...)
	__attribute__((format(printf, 6, 7)));

/* "0x100041234 (guest_main+0x34)"; the name is escaped. */
void judge_place(const struct judge *judge, uint64_t pc, char *to, size_t size);

/* The end of the run; the report begins with it. */
struct judge_end {
	const char *how; /* "exit", "signal", "asleep", "fault" or "crash" */
	int status;
	/* Where every vCPU was when it was stopped; none after another end. */
	struct judge_stop {
		uint64_t pc;
		const char *what; /* it does, as a phrase */
	} stops[JUDGE_VCPUS];
	unsigned stop_count;
};
void judge_report(struct judge *judge, const struct judge_end *end);

/* ---- Inside judge/ ------------------------------------------------------------------ */

/* A row of rules.def. */
struct judge_row {
	const char *id, *mend;
	bool warning, passive;
};
extern const struct judge_row judge_rows[JUDGE_RULES];
void judge_write_text(const struct judge *judge, const struct judge_end *end);
void judge_write_json(const struct judge *judge, const struct judge_end *end);

#endif
