/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The handlers. All have one shape: the block is in call->block, its fields are
 * validated in the specification's order, the call acts, and the whole result
 * is set in call->block, from where the table's dispatch stores it.
 */
#ifndef CALL_H
#define CALL_H

#include "hypercall.h"
#include "path.h"

#define HANDLER_BLOCK(name) call_perform call_##name;
#define HANDLER_I32(name) call_perform call_##name;
#define HANDLER_U8(name) call_perform call_##name;
#define HANDLER_READ(name) call_perform call_##name;
#define HANDLER_RESERVED(name)
#define UHYVE_CALL(name, number, since, argument, block)                       \
	HANDLER_##argument(name)
#include <uhyve_interface/calls.def>
#define V1_CALL(name, number, argument, block, handler) call_perform handler;
#include "v1_calls.def"

/* The i-th field of all calls, those of version 1 included; NULL at the end. */
const struct uhyve_field *call_field_at(unsigned i);

/*
 * Copies the name at gpa and cleans it: 0, -EFAULT, -ENAMETOOLONG, -ENOENT or
 * -EINVAL.
 */
int call_path(const struct call *call, struct uhyve_gpa gpa,
	      char clean[PATH_CLEAN_SIZE]);

#endif
