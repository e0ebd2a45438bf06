/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Mutants of error reporting. */
#include <errno.h>
#include <unistd.h>

#include "mutant.h"

static enum call_outcome positive(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.close_params.ret < 0)
		call->block.close_params.ret = -call->block.close_params.ret;
	return outcome;
}

static enum call_outcome negative(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.mkdir_params.ret.tag == UHYVE_MKDIR_ERROR)
		call->block.mkdir_params.ret.error =
			-call->block.mkdir_params.ret.error;
	return outcome;
}

/* One error of FileOpen becomes another one. */
static enum call_outcome instead(struct call *call, int from, int to)
{
	enum call_outcome outcome = original(call);

	if (call->block.open_params.ret == -from)
		call->block.open_params.ret = -to;
	return outcome;
}

static enum call_outcome hole_of_linux(struct call *call)
{
	return instead(call, EEXIST, 41);
}

static enum call_outcome no_entry_is_access(struct call *call)
{
	return instead(call, ENOENT, EACCES);
}

static enum call_outcome no_directory_is_permission(struct call *call)
{
	return instead(call, ENOTDIR, EPERM);
}

static enum call_outcome no_directory_is_invalid(struct call *call)
{
	return instead(call, ENOTDIR, EINVAL);
}

static enum call_outcome error_is_fault(struct call *call)
{
	enum call_outcome outcome = original(call);

	call->fault = "a write failed";
	return call->block.write_params.ret < 0 ? CALL_FAULT : outcome;
}

static enum call_outcome negative_is_start(struct call *call)
{
	if (call->block.lseek_params.fd >= 0)
		return original(call);
	call->block.lseek_params.offset = 0;
	return CALL_RESUME;
}

static enum call_outcome closed_is_end(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.read_params.ret == -EBADF &&
	    call->block.read_params.fd >= 3)
		call->block.read_params.ret = 0;
	return outcome;
}

static enum call_outcome stores_and_fails(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.read_params.ret == -EBADF)
		scribble(call, call->block.read_params.buf.addr, 0, 1);
	return outcome;
}

static enum call_outcome closes_another(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.open_params.ret < 0)
		files_close(&call->services->files, 3);
	return outcome;
}

static int64_t reads_inherited(struct files *files, int32_t fd, void *to,
			       size_t len)
{
	int64_t n = __real_files_read(files, fd, to, len);

	return n == -EBADF && fd >= 3 && read(fd, to, len) > 0 ? (int64_t)len
							       : n;
}

static const struct variant rows[] = {
	{"err-positive", "UHY-ERR-001", "ret is the positive number",
	 UHYVE_FILE_CLOSE, positive},
	{"err-negative", "UHY-ERR-002", "the payload is negative", UHYVE_MKDIR,
	 negative},
	{"err-41", "UHY-ERR-003", "EEXIST is 41", UHYVE_FILE_OPEN,
	 hole_of_linux},
	{"err-noent", "UHY-ERR-004", "ENOENT becomes EACCES", UHYVE_FILE_OPEN,
	 no_entry_is_access},
	{"err-perm", "UHY-ERR-005", "ENOTDIR becomes EPERM", UHYVE_FILE_OPEN,
	 no_directory_is_permission},
	{"err-inval", "UHY-ERR-006", "ENOTDIR becomes EINVAL", UHYVE_FILE_OPEN,
	 no_directory_is_invalid},
	{"err-fatal", "UHY-ERR-007", "a failed write ends the machine",
	 UHYVE_FILE_WRITE, error_is_fault},
	{"err-minus-1", "UHY-ERR-008", "a negative descriptor is at 0",
	 UHYVE_FILE_LSEEK, negative_is_start},
	{"err-inherited", "UHY-ERR-009", "what it inherited can be read",
	 .files_read = reads_inherited, .sandbox_enter = stays_outside},
	{"err-closed", "UHY-ERR-009", "a closed descriptor is at its end",
	 UHYVE_FILE_READ, closed_is_end},
	{"err-stores", "UHY-ERR-010", "a failed read stores a byte",
	 UHYVE_FILE_READ, stores_and_fails},
	{"err-closes", "UHY-ERR-011", "a failed open closes descriptor 3",
	 UHYVE_FILE_OPEN, closes_another},
};
VARIANTS(rows);
