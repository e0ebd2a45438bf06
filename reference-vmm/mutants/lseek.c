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

static enum call_outcome set_is_cur(struct call *call)
{
	return with(call, UHYVE_SEEK_SET, UHYVE_SEEK_CUR);
}

static enum call_outcome cur_is_set(struct call *call)
{
	return with(call, UHYVE_SEEK_CUR, UHYVE_SEEK_SET);
}

static enum call_outcome end_is_cur(struct call *call)
{
	return with(call, UHYVE_SEEK_END, UHYVE_SEEK_CUR);
}

/* Defines name: the result is instead where condition holds. */
#define RESULT_IF(name, condition, instead)                                    \
	static enum call_outcome name(struct call *call)                       \
	{                                                                      \
		const struct uhyve_lseek_params given = *params(call);         \
		enum call_outcome outcome = original(call);                    \
		struct uhyve_lseek_params *p = params(call);                   \
		(void)given;                                                   \
		if (condition)                                                 \
			p->offset = (instead);                                 \
		return outcome;                                                \
	}

RESULT_IF(reports_0, p->offset > 0, 0)

static enum call_outcome only_reports(struct call *call)
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

static enum call_outcome not_behind_end(struct call *call)
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

static enum call_outcome extends(struct call *call)
{
	original(call);
	if (params(call)->offset > size_of(call) && size_of(call) < 100 &&
	    params(call)->offset < 10000) {
		files_write(files_of(call), params(call)->fd, "", 1);
		move_to(call, params(call)->offset);
	}
	return CALL_RESUME;
}

static enum call_outcome offset_of_32_bits(struct call *call)
{
	params(call)->offset = (int32_t)params(call)->offset;
	return original(call);
}

static enum call_outcome moves_by_1(struct call *call)
{
	if (params(call)->whence == UHYVE_SEEK_CUR && !params(call)->offset)
		params(call)->offset = 1;
	return original(call);
}

static enum call_outcome moves_the_next(struct call *call)
{
	original(call);
	if (params(call)->offset > 0)
		files_lseek(files_of(call), params(call)->fd + 1,
			    params(call)->offset, SEEK_SET);
	return CALL_RESUME;
}

SCRIBBLES(whence_written, 8, 0x5a, 4)

static enum call_outcome end_of_the_first_time(struct call *call)
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

RESULT_IF(not_private, p->fd == private_fd, -ESPIPE)

/* ---- Errors -------------------------------------------------------------- */

RESULT_IF(negative_overflows, p->offset == -EINVAL && given.offset < 0,
	  -EOVERFLOW)

static enum call_outcome failure_rewinds(struct call *call)
{
	original(call);
	if (params(call)->offset < 0)
		move_to(call, 0);
	return CALL_RESUME;
}

RESULT_IF(overflow_is_eio, p->offset < 0 && given.offset == INT64_MAX, -EIO)

static enum call_outcome any_whence(struct call *call)
{
	return params(call)->whence > 4
		       ? with(call, params(call)->whence, UHYVE_SEEK_SET)
		       : original(call);
}

RESULT_IF(no_holes, given.whence == UHYVE_SEEK_HOLE, -EINVAL)

static enum call_outcome data_is_hole(struct call *call)
{
	return with(call, UHYVE_SEEK_DATA, UHYVE_SEEK_HOLE);
}

RESULT_IF(smallest_stays, given.offset == INT64_MIN, INT64_MIN)
RESULT_IF(never_is_0, p->fd >= 1000, 0)
RESULT_IF(closed_is_0, p->offset == -EBADF && p->fd > 2 && p->fd < 1000, 0)
RESULT_IF(negative_fd_is_0, p->fd < 0, 0)
RESULT_IF(console_is_eperm, p->offset == -ESPIPE, -EPERM)

/* The sum wraps around, and is not an error number. */
static enum call_outcome directory_wraps(struct call *call)
{
	struct uhyve_lseek_params *p = &call->block.lseek_params;
	const struct uhyve_lseek_params before = *p;
	int64_t sum;

	original(call);
	if (S_ISDIR(stat_of(call, before.fd).st_mode) && p->offset < 0 &&
	    before.whence == SEEK_CUR &&
	    __builtin_add_overflow(before.offset, 1ll << 62, &sum))
		p->offset = sum;
	return CALL_RESUME;
}

#define LSEEK UHYVE_FILE_LSEEK
static const struct variant rows[] = {
	{"lseek-set-is-cur", "UHY-LSEEK-001", "SEEK_SET is SEEK_CUR", LSEEK,
	 set_is_cur},
	{"lseek-cur-is-set", "UHY-LSEEK-002", "SEEK_CUR is SEEK_SET", LSEEK,
	 cur_is_set},
	{"lseek-end-is-cur", "UHY-LSEEK-003", "SEEK_END is SEEK_CUR", LSEEK,
	 end_is_cur},
	{"lseek-reports-0", "UHY-LSEEK-004", "0 instead of the position", LSEEK,
	 reports_0},
	{"lseek-only-reports", "UHY-LSEEK-005", "the position stays", LSEEK,
	 only_reports},
	{"lseek-not-behind", "UHY-LSEEK-006", "EINVAL beyond the end", LSEEK,
	 not_behind_end},
	{"lseek-extends", "UHY-LSEEK-007", "the file grows", LSEEK, extends},
	{"lseek-32-bits", "UHY-LSEEK-008", "the offset has 32 bits", LSEEK,
	 offset_of_32_bits},
	{"lseek-moves-by-1", "UHY-LSEEK-009", "SEEK_CUR with 0 moves by 1",
	 LSEEK, moves_by_1},
	{"lseek-next", "UHY-LSEEK-010", "the next descriptor moves, too", LSEEK,
	 moves_the_next},
	{"lseek-whence-written", "UHY-LSEEK-011", "whence is written", LSEEK,
	 whence_written},
	{"lseek-end-first", "UHY-LSEEK-012",
	 "SEEK_END knows the size of the first time", LSEEK,
	 end_of_the_first_time},
	{"lseek-private", "UHY-LSEEK-013", "ESPIPE for private files", LSEEK,
	 not_private, .call_write = notes_private},
	{"lseek-negative-overflow", "UHY-LSEEK-020",
	 "EOVERFLOW for negative positions", LSEEK, negative_overflows},
	{"lseek-failure-rewinds", "UHY-LSEEK-021",
	 "an error moves to the beginning", LSEEK, failure_rewinds},
	{"lseek-overflow-eio", "UHY-LSEEK-022", "EIO for large positions",
	 LSEEK, overflow_is_eio},
	{"lseek-any-whence", "UHY-LSEEK-023", "whence above 4 is SEEK_SET",
	 LSEEK, any_whence},
	{"lseek-no-holes", "UHY-LSEEK-024", "SEEK_DATA without SEEK_HOLE",
	 LSEEK, no_holes},
	{"lseek-data-is-hole", "UHY-LSEEK-025", "SEEK_DATA is SEEK_HOLE", LSEEK,
	 data_is_hole},
	{"lseek-smallest", "UHY-LSEEK-026",
	 "the smallest offset comes back as it is", LSEEK, smallest_stays},
	{"lseek-directory", "UHY-LSEEK-026",
	 "the position of a directory wraps around", LSEEK, directory_wraps},
	{"lseek-never", "UHY-LSEEK-027", "0 for numbers that were never opened",
	 LSEEK, never_is_0},
	{"lseek-closed", "UHY-LSEEK-028", "0 for closed descriptors", LSEEK,
	 closed_is_0},
	{"lseek-negative-fd", "UHY-LSEEK-029", "0 for negative descriptors",
	 LSEEK, negative_fd_is_0},
	{"lseek-console-eperm", "UHY-LSEEK-030", "EPERM instead of ESPIPE",
	 LSEEK, console_is_eperm},
};
VARIANTS(rows);
