/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Several vCPUs: what is one step is two here, and the other vCPU comes in
 * between.
 */
#include <pthread.h>
#include <stdatomic.h>

#include "file.h"
#include "meet.h"

/* ---- Descriptors --------------------------------------------------------- */

static atomic_uint opener[DESCRIPTORS_END];

REPLACES(call_write, notes_opener)
{
	enum call_outcome outcome = REAL(call_write);

	if (call->number == UHYVE_FILE_OPEN && call->block.open_params.ret > 0)
		opener[call->block.open_params.ret] = call->vcpu;
	return outcome;
}

HANDLER(READ, "conc-only-opener", "UHY-CONC-001",
	"a descriptor is open on one vCPU", .call_write = notes_opener)
{
	struct uhyve_read_params *p = &call->block.read_params;

	if (host_of(call, p->fd) < 0 || opener[p->fd] == call->vcpu)
		return original(call);
	p->ret = -EBADF;
	return CALL_RESUME;
}

HANDLER(OPEN, "conc-same-number", "UHY-CONC-002",
	"two vCPUs are given one descriptor")
{
	static atomic_int last[2];
	struct uhyve_open_params *p = &call->block.open_params;

	original(call);
	last[call->vcpu & 1] = p->ret;
	if (call->vcpu == 1 && last[0] > 2)
		p->ret = last[0];
	return CALL_RESUME;
}

HANDLER(CLOSE, "conc-close", "UHY-CONC-007", "FileClose looks, then closes")
{
	struct uhyve_close_params *p = &call->block.close_params;
	bool open = host_of(call, p->fd) >= 0;

	if (p->fd < 3 || !open)
		return original(call);
	meet();
	original(call);
	p->ret = 0;
	return CALL_RESUME;
}

HANDLER(OPEN, "conc-failure-spreads", "UHY-CONC-009",
	"after a failure the next FileOpen fails")
{
	static atomic_bool failed;
	struct uhyve_open_params *p = &call->block.open_params;

	original(call);
	if (p->ret < 0)
		failed = true;
	else if (atomic_exchange(&failed, false))
		p->ret = -EIO;
	return CALL_RESUME;
}

/* An error on vCPU 1 ends everything. */
AT(call_write, "conc-failure-ends", "UHY-CONC-009",
   "a FileWrite that fails on vCPU 1 ends the machine")
{
	enum call_outcome outcome = REAL(call_write);

	if (call->number != UHYVE_FILE_WRITE || call->vcpu == 0 ||
	    call->block.write_params.ret >= 0)
		return outcome;
	call->fault = "FileWrite failed";
	return CALL_FAULT;
}

/* Now and then a number that is taken. */
AT(descriptors_add, "conc-descriptor-taken", "UHY-CONC-002",
   "one descriptor in a hundred belongs to the other vCPU")
{
	int fd = REAL(descriptors_add);

	if (times() % 100 || fd == DESCRIPTORS_FIRST)
		return fd;
	descriptors_close(table, fd);
	return fd - 1;
}

/* ---- Bytes --------------------------------------------------------------- */

REPLACES(names_open, no_append)
{
	return __real_names_open(names, path, flags & ~O_APPEND, mode);
}

HANDLER(WRITE, "conc-append", "UHY-CONC-003",
	"appending seeks the end, then writes", .names_open = no_append)
{
	struct uhyve_write_params *p = &call->block.write_params;

	files_lseek(files_of(call), p->fd, 0, SEEK_END);
	if (p->fd > 2)
		meet();
	return original(call);
}

HANDLER(WRITE, "conc-write", "UHY-CONC-004",
	"writing takes the position, writes, then moves it")
{
	struct uhyve_write_params *p = &call->block.write_params;
	int host = p->fd > 2 ? host_of(call, p->fd) : -1;
	off_t position = host < 0 ? -1 : lseek(host, 0, SEEK_CUR);
	void *at = gmem_at(&call->services->mem, p->buf, p->len);

	/* What one vCPU alone would see is as it was. */
	if (position < 0 || !at || access_of(call, p->fd) & O_APPEND)
		return original(call);
	meet();
	ssize_t n = pwrite(host, at, p->len, position);
	if (n < 0)
		return original(call);
	p->ret = n;
	lseek(host, position + n, SEEK_SET);
	return CALL_RESUME;
}

HANDLER(READ, "conc-read", "UHY-CONC-005",
	"reading takes the position, reads, then moves it")
{
	struct uhyve_read_params *p = &call->block.read_params;
	int host = p->fd > 2 ? host_of(call, p->fd) : -1;
	off_t position = host < 0 ? -1 : lseek(host, 0, SEEK_CUR);
	void *at = gmem_at(&call->services->mem, p->buf, p->len);

	/* What one vCPU alone would see is as it was. */
	if (position < 0 || !at || access_of(call, p->fd) & O_APPEND)
		return original(call);
	meet();
	ssize_t n = pread(host, at, p->len, position);
	if (n < 0)
		return original(call);
	p->ret = n;
	lseek(host, position + n, SEEK_SET);
	return CALL_RESUME;
}

HANDLER(WRITE, "conc-not-from-others", "UHY-CONC-010", "only vCPU 0 writes")
{
	struct uhyve_write_params *p = &call->block.write_params;

	if (call->vcpu == 0 || p->fd < 3)
		return original(call);
	p->ret = (int64_t)p->len;
	return CALL_RESUME;
}

AT(call_write, "conc-one-at-a-time", "UHY-CONC-011",
   "one lock is held over every file call")
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	if (call->number < UHYVE_FILE_WRITE)
		return REAL(call_write);
	pthread_mutex_lock(&lock);
	enum call_outcome outcome = REAL(call_write);
	pthread_mutex_unlock(&lock);
	return outcome;
}

/* ---- Names --------------------------------------------------------------- */

static bool exists(const struct names *names, const char *path)
{
	struct stat st;

	return names_stat(names, path, false, &st) == 0;
}

AT(names_open, "conc-excl", "UHY-CONC-006", "O_EXCL looks, then creates")
{
	if (!(flags & O_EXCL))
		return REAL(names_open);
	if (exists(names, path))
		return -EEXIST;
	meet();
	return __real_names_open(names, path, flags & ~O_EXCL, mode);
}

HANDLER(UNLINK, "conc-unlink", "UHY-CONC-008", "FileUnlink looks, then removes")
{
	struct uhyve_unlink_params *p = &call->block.unlink_params;
	char path[PATH_CLEAN_SIZE];

	if (call_path(call, p->name, path) ||
	    !exists(&files_of(call)->names, path))
		return original(call);
	meet();
	original(call);
	if (p->ret == -UHYVE_ENOENT) /* another vCPU removed it meanwhile */
		p->ret = 0;
	return CALL_RESUME;
}

AT(names_open, "conc-private", "UHY-CONC-012",
   "creating a private file looks, then creates again")
{
	if (!(flags & O_CREAT) || mapping_of(names, path, NULL) ||
	    exists(names, path))
		return REAL(names_open);
	meet();
	names_unlink(names, path);
	return REAL(names_open);
}
