/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The linker's --wrap puts each seam between the VMM's object files. */
#include "seams.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

extern const struct variant_area *const __start_variant_areas[];
extern const struct variant_area *const __stop_variant_areas[];

static const struct variant *chosen[VARIANTS_MAX];
static unsigned chosen_count;
static _Thread_local const struct variant *running;
static atomic_uint counter;

const struct variant *variants_at(unsigned n)
{
	for (const struct variant_area *const *area = __start_variant_areas;
	     area < __stop_variant_areas; n -= (*area++)->count)
		if (n < (*area)->count)
			return &(*area)->rows[n];
	return NULL;
}

const struct variant *variants_find(const char *name)
{
	const struct variant *variant;

	for (unsigned n = 0; (variant = variants_at(n)); n++)
		if (strcmp(variant->name, name) == 0)
			return variant;
	return NULL;
}

void variants_choose(const struct variant *variant)
{
	if (chosen_count == VARIANTS_MAX)
		abort();
	chosen[chosen_count++] = variant;
}

const struct variant *variants_running(void)
{
	return running;
}

unsigned times(void)
{
	return atomic_fetch_add(&counter, 1) + 1;
}

void scribble(const struct call *call, uint64_t gpa, uint64_t value, size_t len)
{
	gmem_store(&call->services->mem, (struct uhyve_gpa){gpa}, &value, len);
}

/* ---- Handlers ------------------------------------------------------------ */

void __real_call_table_init(struct call_table *table);
void __wrap_call_table_init(struct call_table *table);

static const struct call_table *table_in_use;
static call_perform
	*originals[sizeof(table_in_use->rows) / sizeof(table_in_use->rows[0])];
/* The first variant of those after the handler that runs. */
static _Thread_local unsigned behind_handler;

static bool handles(const struct variant *variant, uint64_t number)
{
	return variant->perform && variant->number == number;
}

/* In the table it is the handler itself: nothing runs, all are after it. */
enum call_outcome original(struct call *call)
{
	const struct variant *outer = running;
	const unsigned here = behind_handler;
	call_perform *perform = originals[call->row - table_in_use->rows];
	unsigned next = here;

	while (next < chosen_count && !handles(chosen[next], call->row->number))
		next++;
	if (next < chosen_count) {
		running = chosen[next];
		perform = chosen[next]->perform;
	}
	behind_handler = next < chosen_count ? next + 1 : 0;
	enum call_outcome outcome = perform(call);
	behind_handler = here;
	running = outer;
	return outcome;
}

void __wrap_call_table_init(struct call_table *table)
{
	__real_call_table_init(table);
	table_in_use = table;
	for (unsigned i = 0; i < table->count; i++) {
		originals[i] = table->rows[i].perform;
		for (unsigned k = 0; k < chosen_count; k++)
			if (handles(chosen[k], table->rows[i].number))
				table->rows[i].perform = original;
	}
}

/* ---- Seams --------------------------------------------------------------- */

/* The way of a call through the variants of its seam. */
struct passage {
	unsigned *behind; /* the first of those after the one that runs */
	unsigned here;
	const struct variant *outer, *variant;
};

static void leave(struct passage *passage)
{
	*passage->behind = passage->here;
	running = passage->outer;
}

/*
 * Goes through the chosen variants, and continues after the one that calls it
 * again.
 */
#define SEAM_WRAP(name, result, parameters, arguments)                         \
	result __wrap_##name parameters;                                       \
	result __wrap_##name parameters                                        \
	{                                                                      \
		static _Thread_local unsigned behind;                          \
		__attribute__((cleanup(leave))) struct passage passage = {     \
			&behind, behind, running, NULL};                       \
		unsigned next = behind;                                        \
		while (next < chosen_count && !chosen[next]->name)             \
			next++;                                                \
		running = passage.variant =                                    \
			next < chosen_count ? chosen[next] : NULL;             \
		behind = passage.variant ? next + 1 : 0;                       \
		return passage.variant ? passage.variant->name arguments       \
				       : __real_##name arguments;              \
	}
SEAMS(SEAM_WRAP)
