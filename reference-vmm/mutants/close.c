/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* FileClose. */
#include "file.h"

static struct uhyve_close_params *params(struct call *call)
{
	return &call->block.close_params;
}

GIVES(CLOSE, "close-eio", "UHY-CLOSE-001", "EIO instead of 0",
      p->ret == 0 && p->fd > 2, -EIO)

HANDLER(CLOSE, "close-keeps-open", "UHY-ERR-009",
	"FileClose gives 0 and does nothing")
{
	params(call)->ret = 0;
	return CALL_RESUME;
}

GIVES(CLOSE, "close-never", "UHY-ERR-009",
      "0 for numbers that were never opened", p->fd >= 1000, 0)
GIVES(CLOSE, "close-negative", "UHY-CLOSE-004", "0 for negative numbers",
      p->fd < 0, 0)
GIVES(CLOSE, "close-standard", "UHY-CLOSE-005", "EBADF for 0, 1 and 2",
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

AT(call_write, "close-no-output", "UHY-CLOSE-006", "FileClose of 1 works")
{
	return dead_after_close(table, call, 1, UHYVE_FILE_WRITE,
				(uint64_t)-EBADF);
}

AT(call_write, "close-no-input", "UHY-CLOSE-014", "FileClose of 0 works")
{
	return dead_after_close(table, call, 0, UHYVE_FILE_READ, 0);
}

HANDLER(CLOSE, "close-next", "UHY-CLOSE-007",
	"the next descriptor is closed, too")
{
	if (params(call)->fd > 2)
		files_close(files_of(call), params(call)->fd + 1);
	return original(call);
}

HANDLER(CLOSE, "close-directory", "UHY-CLOSE-008", "EISDIR for directories")
{
	bool directory = S_ISDIR(stat_of(call, params(call)->fd).st_mode);

	original(call);
	if (directory)
		params(call)->ret = -EISDIR;
	return CALL_RESUME;
}

HANDLER(CLOSE, "close-unlinked", "UHY-CLOSE-009", "EIO for unlinked files")
{
	bool unlinked = params(call)->fd > 2 &&
			host_of(call, params(call)->fd) >= 0 &&
			stat_of(call, params(call)->fd).st_nlink == 0;

	original(call);
	if (unlinked)
		params(call)->ret = -EIO;
	return CALL_RESUME;
}

GIVES(CLOSE, "close-private", "UHY-CLOSE-010", "EIO for private files",
      p->fd == private_fd && p->ret == 0, -EIO, .call_write = notes_private)

SCRIBBLES(CLOSE, "close-fd-written", "UHY-BLOCK-020", "fd is written", 0,
	  0x5a5a, 4)

AFTER(CLOSE, "close-all", "UHY-CLOSE-012", "a failure closes all descriptors")
{
	if (params(call)->ret == -EBADF)
		for (int32_t fd = 3; fd < 32; fd++)
			files_close(files_of(call), fd);
}

HANDLER(CLOSE, "close-zeros", "UHY-CLOSE-013", "closing overwrites two bytes")
{
	files_lseek(files_of(call), params(call)->fd, 0, SEEK_SET);
	if (params(call)->fd > 2)
		files_write(files_of(call), params(call)->fd, "\0\0", 2);
	return original(call);
}
