/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Mutants of error reporting. */
#include <errno.h>
#include <unistd.h>

#include "mutant.h"

AFTER(CLOSE, "err-positive", "UHY-ERR-001", "ret is the positive number")
{
	if (call->block.close_params.ret < 0)
		call->block.close_params.ret = -call->block.close_params.ret;
}

AFTER(MKDIR, "err-negative", "UHY-ERR-002", "the payload is negative")
{
	if (call->block.mkdir_params.ret.tag == UHYVE_MKDIR_ERROR)
		call->block.mkdir_params.ret.error =
			-call->block.mkdir_params.ret.error;
}

/* One error of FileOpen becomes another one. */
static enum call_outcome instead(struct call *call, int from, int to)
{
	enum call_outcome outcome = original(call);

	if (call->block.open_params.ret == -from)
		call->block.open_params.ret = -to;
	return outcome;
}

HANDLER(OPEN, "err-41", "UHY-ERR-003", "EEXIST is 41")
{
	return instead(call, EEXIST, 41);
}

HANDLER(OPEN, "err-noent", "UHY-ERR-004", "ENOENT becomes EACCES")
{
	return instead(call, ENOENT, EACCES);
}

HANDLER(OPEN, "err-perm", "UHY-ERR-005", "ENOTDIR becomes EPERM")
{
	return instead(call, ENOTDIR, EPERM);
}

HANDLER(OPEN, "err-inval", "UHY-ERR-006", "ENOTDIR becomes EINVAL")
{
	return instead(call, ENOTDIR, EINVAL);
}

HANDLER(WRITE, "err-fatal", "UHY-ERR-007", "a failed write ends the machine")
{
	enum call_outcome outcome = original(call);

	call->fault = "a write failed";
	return call->block.write_params.ret < 0 ? CALL_FAULT : outcome;
}

HANDLER(LSEEK, "err-minus-1", "UHY-ERR-008", "a negative descriptor is at 0")
{
	if (call->block.lseek_params.fd >= 0)
		return original(call);
	call->block.lseek_params.offset = 0;
	return CALL_RESUME;
}

AFTER(READ, "err-closed", "UHY-ERR-009", "a closed descriptor is at its end")
{
	if (call->block.read_params.ret == -EBADF &&
	    call->block.read_params.fd >= 3)
		call->block.read_params.ret = 0;
}

AFTER(READ, "err-stores", "UHY-ERR-010", "a failed read stores a byte")
{
	if (call->block.read_params.ret == -EBADF)
		scribble(call, call->block.read_params.buf.addr, 0, 1);
}

AFTER(OPEN, "err-closes", "UHY-ERR-011", "a failed open closes descriptor 3")
{
	if (call->block.open_params.ret < 0)
		files_close(&call->services->files, 3);
}

AT(files_read, "err-inherited", "UHY-ERR-009", "what it inherited can be read",
   .sandbox_enter = stays_outside)
{
	int64_t n = REAL(files_read);

	return n == -EBADF && fd >= 3 && read(fd, to, len) > 0 ? (int64_t)len
							       : n;
}
