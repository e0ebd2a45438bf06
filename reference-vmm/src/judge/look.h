/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Common code for the detectors of calls. */
#ifndef LOOK_H
#define LOOK_H

#include "../call.h"
#include "../services.h"
#include "../trace.h"
#include "judge.h"

/* One call while it is looked at; the judge is locked. */
struct look {
	struct judge *judge;
	const struct call *call;
	const union call_block *block; /* as the guest passed it */
	struct call_site site;
};

#define BROKEN(look, rule, ...)                                                \
	judge_broken((look)->judge, (rule), (look)->call->vcpu,                \
		     (look)->site.pc, (look)->call, __VA_ARGS__)

/* One more time obeyed, or broken with this explanation. */
#define CHECK(look, rule, condition, ...)                                      \
	do {                                                                   \
		if (condition)                                                 \
			judge_obeyed((look)->judge, (rule));                   \
		else                                                           \
			BROKEN(look, rule, __VA_ARGS__);                       \
	} while (0)

static inline struct look look_at(struct judge *judge, const struct call *call,
				  const union call_block *block)
{
	struct look look = {judge, call, block, {0}};
	const struct services *services = call->services;

	if (services->site)
		services->site(services->walk_context, call->vcpu, &look.site);
	return look;
}

/* Fields of the call of one kind: NULL after the last. */
static inline const struct uhyve_field *look_field(const struct look *look,
						   enum uhyve_kind kind)
{
	const struct uhyve_field *field;

	for (unsigned i = 0; (field = call_field_at(i)); i++)
		if (field->call == look->call->row->number &&
		    field->kind == kind)
			return field;
	return NULL;
}

/* Why an address may be wrong, "; it is ..." or "". */
#define LOOK_HINT 120
const char *look_hint(const struct look *look, uint64_t address, uint64_t len,
		      char to[LOOK_HINT]);

/* look_number.c: false when the call is not one of the interface's. */
bool look_number(const struct look *look);
/* look_block.c */
void look_block(const struct look *look, bool loaded);
/* look_fields.c */
void look_pointers(const struct look *look);
void look_values(const struct look *look);
/* look_descriptors.c */
void look_descriptor(const struct look *look);
void look_result(const struct look *look);

#endif
