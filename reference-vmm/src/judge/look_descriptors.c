/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which descriptors the guest may use. */
#include <inttypes.h>

#include "look.h"

enum { NEVER_OPENED, OPEN, CLOSED };

/* The state of a descriptor, or NULL for one that is not kept track of. */
static uint8_t *state_of(const struct judge *judge, int64_t fd)
{
	return judge->descriptors && fd >= 0 && fd < JUDGE_DESCRIPTORS
		       ? &judge->descriptors[fd]
		       : NULL;
}

static void negative(const struct look *look, int64_t fd)
{
	int32_t failed = look->judge->vcpus[look->call->vcpu].failed_open;

	if (failed && fd == failed)
		BROKEN(look, JUDGE_RESULT_IGNORED,
		       "the last FileOpen gave %" PRId32
		       ", which is used as a descriptor",
		       failed);
	else
		BROKEN(look, JUDGE_NEGATIVE, "%" PRId64 " is not a descriptor",
		       fd);
}

/* Before the call: a descriptor that is closed counts as closed from now on. */
void look_descriptor(const struct look *look)
{
	const struct uhyve_field *field = look_field(look, UHYVE_KIND_FD);
	struct judge *judge = look->judge;
	const struct call_row *row = look->call->row;

	if (!field)
		return;
	int64_t fd = (int64_t)trace_value(look->block, field);
	uint8_t *state = state_of(judge, fd);
	if (fd < 0) {
		negative(look, fd);
	} else if (state && fd > 2) {
		if (*state == NEVER_OPENED)
			BROKEN(look, JUDGE_UNOPENED,
			       "%" PRId64 " was never opened", fd);
		else
			CHECK(look, JUDGE_CLOSE_015, *state == OPEN,
			      "descriptor %" PRId64 " is closed", fd);
		if (row->number == UHYVE_FILE_CLOSE && *state == OPEN)
			*state = CLOSED;
	}
	if (row->number == UHYVE_FILE_READ && fd == 0)
		judge->file_input = true;
}

/* After it: what FileOpen gave, and a FileWrite that had no chance. */
void look_result(const struct look *look)
{
	const struct call *call = look->call;
	struct judge *judge = look->judge;

	if (call->row->number == UHYVE_FILE_OPEN) {
		int32_t fd = call->block.open_params.ret;
		uint8_t *state = state_of(judge, fd);
		judge->vcpus[call->vcpu].failed_open = fd < 0 ? fd : 0;
		if (state)
			*state = OPEN;
	} else if (call->row->number == UHYVE_FILE_WRITE) {
		const struct uhyve_write_params *p = &call->block.write_params;
		const uint8_t *state = state_of(judge, p->fd);
		/* Others have said what is wrong with what is not. */
		bool known = !state || *state == OPEN || p->fd <= 2;
		if (p->fd >= 0 && known &&
		    gmem_valid(&call->services->mem, p->buf.addr, p->len) &&
		    (p->ret == -UHYVE_EBADF || p->ret == -UHYVE_EISDIR))
			BROKEN(look, JUDGE_WRITE_FAILED,
			       "descriptor %" PRId32 " cannot be written to",
			       p->fd);
	}
}
