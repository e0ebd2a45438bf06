/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileLseek. */
#include "file.h"

static struct uhyve_lseek_params *params(struct call *call)
{
	return &call->block.lseek_params;
}

static int64_t position_of(struct call *call)
{
	return files_lseek(files_of(call), params(call)->fd, 0, SEEK_CUR);
}

static void move_to(struct call *call, int64_t position)
{
	files_lseek(files_of(call), params(call)->fd, position, SEEK_SET);
}

/* The call with another whence; the block keeps what the guest wrote. */
static enum call_outcome with(struct call *call, uint32_t when, uint32_t whence)
{
	uint32_t as_given = params(call)->whence;

	if (as_given == when)
		params(call)->whence = whence;
	original(call);
	params(call)->whence = as_given;
	return CALL_RESUME;
}

HANDLER(LSEEK, "lseek-set-is-cur", "UHY-LSEEK-001", "SEEK_SET is SEEK_CUR")
{
	return with(call, UHYVE_SEEK_SET, UHYVE_SEEK_CUR);
}

HANDLER(LSEEK, "lseek-cur-is-set", "UHY-LSEEK-002", "SEEK_CUR is SEEK_SET")
{
	return with(call, UHYVE_SEEK_CUR, UHYVE_SEEK_SET);
}

HANDLER(LSEEK, "lseek-end-is-cur", "UHY-LSEEK-003", "SEEK_END is SEEK_CUR")
{
	return with(call, UHYVE_SEEK_END, UHYVE_SEEK_CUR);
}

/* Defines name: the result is instead where condition holds. */
#define LSEEK_GIVES(name, id, what, condition, instead, ...)                   \
	HANDLER(LSEEK, name, id, what, ##__VA_ARGS__)                          \
	{                                                                      \
		const struct uhyve_lseek_params given = *params(call);         \
		enum call_outcome outcome = original(call);                    \
		struct uhyve_lseek_params *p = params(call);                   \
		(void)given;                                                   \
		if (condition)                                                 \
			p->offset = (instead);                                 \
		return outcome;                                                \
	}

LSEEK_GIVES("lseek-reports-0", "UHY-LSEEK-004", "0 instead of the position",
	    p->offset > 0, 0)

HANDLER(LSEEK, "lseek-only-reports", "UHY-LSEEK-005", "the position stays")
{
	int64_t before = position_of(call);

	original(call);
	if (before >= 0)
		move_to(call, before);
	return CALL_RESUME;
}

static int64_t size_of(struct call *call)
{
	return stat_of(call, params(call)->fd).st_size;
}

HANDLER(LSEEK, "lseek-not-behind", "UHY-LSEEK-006", "EINVAL beyond the end")
{
	int64_t before = position_of(call);

	original(call);
	if (S_ISREG(stat_of(call, params(call)->fd).st_mode) &&
	    params(call)->offset > size_of(call)) {
		move_to(call, before);
		params(call)->offset = -EINVAL;
	}
	return CALL_RESUME;
}

AFTER(LSEEK, "lseek-extends", "UHY-LSEEK-007", "the file grows")
{
	if (params(call)->offset > size_of(call) && size_of(call) < 100 &&
	    params(call)->offset < 10000) {
		files_write(files_of(call), params(call)->fd, "", 1);
		move_to(call, params(call)->offset);
	}
}

HANDLER(LSEEK, "lseek-32-bits", "UHY-LSEEK-008", "the offset has 32 bits")
{
	params(call)->offset = (int32_t)params(call)->offset;
	return original(call);
}

HANDLER(LSEEK, "lseek-moves-by-1", "UHY-LSEEK-009",
	"SEEK_CUR with 0 moves by 1")
{
	if (params(call)->whence == UHYVE_SEEK_CUR && !params(call)->offset)
		params(call)->offset = 1;
	return original(call);
}

AFTER(LSEEK, "lseek-next", "UHY-LSEEK-010", "the next descriptor moves, too")
{
	if (params(call)->offset > 0)
		files_lseek(files_of(call), params(call)->fd + 1,
			    params(call)->offset, SEEK_SET);
}

SCRIBBLES(LSEEK, "lseek-whence-written", "UHY-BLOCK-020", "whence is written",
	  8, 0x5a, 4)

HANDLER(LSEEK, "lseek-end-first", "UHY-LSEEK-012",
	"SEEK_END knows the size of the first time")
{
	static int64_t size[16];
	static bool known[16];
	uint32_t i = (uint32_t)params(call)->fd % 16;

	if (params(call)->whence != UHYVE_SEEK_END)
		return original(call);
	if (!known[i])
		size[i] = size_of(call);
	known[i] = true;
	params(call)->offset += size[i];
	return with(call, UHYVE_SEEK_END, UHYVE_SEEK_SET);
}

LSEEK_GIVES("lseek-private", "UHY-LSEEK-013", "ESPIPE for private files",
	    p->fd == private_fd, -ESPIPE, .call_write = notes_private)

/* ---- Errors -------------------------------------------------------------- */

LSEEK_GIVES("lseek-negative-overflow", "UHY-LSEEK-020",
	    "EOVERFLOW for negative positions",
	    p->offset == -EINVAL && given.offset < 0, -EOVERFLOW)

AFTER(LSEEK, "lseek-failure-rewinds", "UHY-LSEEK-021",
      "an error moves to the beginning")
{
	if (params(call)->offset < 0)
		move_to(call, 0);
}

LSEEK_GIVES("lseek-overflow-eio", "UHY-LSEEK-022", "EIO for large positions",
	    p->offset < 0 && given.offset == INT64_MAX, -EIO)

HANDLER(LSEEK, "lseek-any-whence", "UHY-LSEEK-023",
	"whence above 4 is SEEK_SET")
{
	return params(call)->whence > 4
		       ? with(call, params(call)->whence, UHYVE_SEEK_SET)
		       : original(call);
}

LSEEK_GIVES("lseek-no-holes", "UHY-LSEEK-024", "SEEK_DATA without SEEK_HOLE",
	    given.whence == UHYVE_SEEK_HOLE, -EINVAL)

HANDLER(LSEEK, "lseek-data-is-hole", "UHY-LSEEK-025", "SEEK_DATA is SEEK_HOLE")
{
	return with(call, UHYVE_SEEK_DATA, UHYVE_SEEK_HOLE);
}

LSEEK_GIVES("lseek-smallest", "UHY-LSEEK-026",
	    "the smallest offset comes back as it is",
	    given.offset == INT64_MIN, INT64_MIN)
LSEEK_GIVES("lseek-never", "UHY-ERR-009",
	    "0 for numbers that were never opened", p->fd >= 1000, 0)
LSEEK_GIVES("lseek-closed", "UHY-ERR-009", "0 for closed descriptors",
	    p->offset == -EBADF && p->fd > 2 && p->fd < 1000, 0)
LSEEK_GIVES("lseek-negative-fd", "UHY-ERR-008", "0 for negative descriptors",
	    p->fd < 0, 0)
LSEEK_GIVES("lseek-console-eperm", "UHY-LSEEK-030", "EPERM instead of ESPIPE",
	    p->offset == -ESPIPE, -EPERM)

/* The sum wraps around, and is not an error number. */
HANDLER(LSEEK, "lseek-directory", "UHY-LSEEK-026",
	"the position of a directory wraps around")
{
	struct uhyve_lseek_params *p = &call->block.lseek_params;
	const struct uhyve_lseek_params before = *p;

	original(call);
	int64_t sum;
	if (S_ISDIR(stat_of(call, before.fd).st_mode) && p->offset < 0 &&
	    before.whence == SEEK_CUR &&
	    __builtin_add_overflow(before.offset, 1ll << 62, &sum))
		p->offset = sum;
	return CALL_RESUME;
}
