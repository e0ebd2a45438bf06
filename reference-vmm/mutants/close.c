/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileClose. */
#include "file.h"

static struct uhyve_close_params *params(struct call *call)
{
	return &call->block.close_params;
}

GIVES_IF(closed_is_eio, close_params, uhyve_close_params,
	 p->ret == 0 && p->fd > 2, -EIO)

static enum call_outcome keeps_open(struct call *call)
{
	params(call)->ret = 0;
	return CALL_RESUME;
}

GIVES_IF(never_is_0, close_params, uhyve_close_params, p->fd >= 1000, 0)
GIVES_IF(negative_is_0, close_params, uhyve_close_params, p->fd < 0, 0)
GIVES_IF(standard_is_ebadf, close_params, uhyve_close_params,
	 p->fd >= 0 && p->fd < 3, -EBADF)

/* After FileClose of fd, number does nothing and leaves value at offset. */
static enum call_outcome dead_after_close(const struct call_table *table,
					  struct call *call, int32_t fd,
					  uint64_t number, uint64_t ret)
{
	static bool closed;
	int32_t used;

	if (call->number == number && closed) {
		__real_gmem_load(&call->services->mem,
				 (struct uhyve_gpa){call->argument + 24}, &used,
				 4);
		if (used == fd) {
			scribble_block(call, 8, ret, 8);
			return CALL_RESUME;
		}
	}
	if (call->number == UHYVE_FILE_CLOSE) {
		enum call_outcome outcome = __real_call_write(table, call);
		closed = closed || params(call)->fd == fd;
		return outcome;
	}
	return __real_call_write(table, call);
}

static enum call_outcome no_output(const struct call_table *table,
				   struct call *call)
{
	return dead_after_close(table, call, 1, UHYVE_FILE_WRITE,
				(uint64_t)-EBADF);
}

static enum call_outcome no_input(const struct call_table *table,
				  struct call *call)
{
	return dead_after_close(table, call, 0, UHYVE_FILE_READ, 0);
}

static enum call_outcome closes_the_next(struct call *call)
{
	if (params(call)->fd > 2)
		files_close(files_of(call), params(call)->fd + 1);
	return original(call);
}

static enum call_outcome not_directories(struct call *call)
{
	bool directory = S_ISDIR(stat_of(call, params(call)->fd).st_mode);

	original(call);
	if (directory)
		params(call)->ret = -EISDIR;
	return CALL_RESUME;
}

static enum call_outcome not_unlinked(struct call *call)
{
	bool unlinked = params(call)->fd > 2 &&
			host_of(call, params(call)->fd) >= 0 &&
			stat_of(call, params(call)->fd).st_nlink == 0;

	original(call);
	if (unlinked)
		params(call)->ret = -EIO;
	return CALL_RESUME;
}

GIVES_IF(not_private, close_params, uhyve_close_params,
	 p->fd == private_fd && p->ret == 0, -EIO)

SCRIBBLES(fd_written, 0, 0x5a5a, 4)

static enum call_outcome failure_closes_all(struct call *call)
{
	original(call);
	if (params(call)->ret == -EBADF)
		for (int32_t fd = 3; fd < 32; fd++)
			files_close(files_of(call), fd);
	return CALL_RESUME;
}

static enum call_outcome zeros_at_the_end(struct call *call)
{
	files_lseek(files_of(call), params(call)->fd, 0, SEEK_SET);
	if (params(call)->fd > 2)
		files_write(files_of(call), params(call)->fd, "\0\0", 2);
	return original(call);
}

#define CLOSE UHYVE_FILE_CLOSE
static const struct variant rows[] = {
	{"close-eio", "UHY-CLOSE-001", "EIO instead of 0", CLOSE,
	 closed_is_eio},
	{"close-keeps-open", "UHY-CLOSE-002",
	 "FileClose gives 0 and does nothing", CLOSE, keeps_open},
	{"close-never", "UHY-CLOSE-003", "0 for numbers that were never opened",
	 CLOSE, never_is_0},
	{"close-negative", "UHY-CLOSE-004", "0 for negative numbers", CLOSE,
	 negative_is_0},
	{"close-standard", "UHY-CLOSE-005", "EBADF for 0, 1 and 2", CLOSE,
	 standard_is_ebadf},
	{"close-no-output", "UHY-CLOSE-006", "FileClose of 1 works",
	 .call_write = no_output},
	{"close-next", "UHY-CLOSE-007", "the next descriptor is closed, too",
	 CLOSE, closes_the_next},
	{"close-directory", "UHY-CLOSE-008", "EISDIR for directories", CLOSE,
	 not_directories},
	{"close-unlinked", "UHY-CLOSE-009", "EIO for unlinked files", CLOSE,
	 not_unlinked},
	{"close-private", "UHY-CLOSE-010", "EIO for private files", CLOSE,
	 not_private, .call_write = notes_private},
	{"close-fd-written", "UHY-CLOSE-011", "fd is written", CLOSE,
	 fd_written},
	{"close-all", "UHY-CLOSE-012", "a failure closes all descriptors",
	 CLOSE, failure_closes_all},
	{"close-zeros", "UHY-CLOSE-013", "closing overwrites two bytes", CLOSE,
	 zeros_at_the_end},
	{"close-no-input", "UHY-CLOSE-014", "FileClose of 0 works",
	 .call_write = no_input},
};
VARIANTS(rows);
