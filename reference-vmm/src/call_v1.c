/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Version 1 where it differs from version 2: Exit with a block, buffers at
 * guest-virtual addresses, arguments fetched by calls.
 */
#include <errno.h>
#include <string.h>

#include "call.h"
#include "services.h"

#define PAGE 4096u

/* UHY-V1-004 */
enum call_outcome call_v1_exit(struct call *call)
{
	call->exit_code = call->block.v1_exit_params.code;
	return CALL_EXIT;
}

/* The bytes from gva to the end of its page, at most len; NULL: not mapped. */
static void *virtual_at(const struct call *call, uint64_t gva, uint64_t len,
			size_t *here)
{
	const struct services *s = call->services;
	uint64_t rest = PAGE - gva % PAGE;

	*here = len < rest ? len : rest;
	struct uhyve_gpa gpa;
	if (!s->walk || s->walk(s->walk_context, call->vcpu, gva, &gpa) < 0)
		return NULL;
	return gmem_at(&s->mem, gpa, *here);
}

/* True if every page of [gva, gva + len) is mapped to RAM; len is not 0. */
static bool virtual_valid(const struct call *call, uint64_t gva, uint64_t len)
{
	if (len > call->services->mem.size || gva + (len - 1) < gva)
		return false;
	size_t here;
	for (; len > 0; gva += here, len -= here)
		if (!virtual_at(call, gva, len, &here))
			return false;
	return true;
}

typedef int64_t transfer(struct files *files, int32_t fd, void *at, size_t len);

static int64_t transfer_in(struct files *files, int32_t fd, void *at,
			   size_t len)
{
	return files_write(files, fd, at, len);
}

/* Page by page, until the first short count. */
static int64_t transfer_pages(const struct call *call, int32_t fd, uint64_t gva,
			      uint64_t len, transfer *move)
{
	const struct gmem *mem = &call->services->mem;
	struct files *files = &call->services->files;
	int64_t done = 0;

	if (len == 0)
		return move(files, fd, gmem_at(mem, (struct uhyve_gpa){0}, 0),
			    0);
	if (!virtual_valid(call, gva, len))
		return -EFAULT;
	do {
		size_t here;
		void *at = virtual_at(call, gva, len, &here);
		int64_t n = at ? move(files, fd, at, here) : -EFAULT;
		if (n < 0)
			return done ? done : n;
		done += n;
		gva += here;
		len -= here;
		if ((size_t)n < here)
			break;
	} while (len > 0);
	return done;
}

/* UHY-V1-009, -019 */
enum call_outcome call_v1_read(struct call *call)
{
	struct uhyve_v1_read_params *p = &call->block.v1_read_params;

	p->ret = transfer_pages(call, p->fd, p->buf, p->len, files_read);
	return CALL_RESUME;
}

/* UHY-V1-012: no result; what cannot be written is lost. */
enum call_outcome call_v1_write(struct call *call)
{
	const struct uhyve_v1_write_params *p = &call->block.v1_write_params;

	transfer_pages(call, p->fd, p->buf, p->len, transfer_in);
	return CALL_RESUME;
}

/* UHY-V1-010, -011 */
enum call_outcome call_v1_lseek(struct call *call)
{
	struct uhyve_v1_lseek_params *p = &call->block.v1_lseek_params;
	int64_t position = files_lseek(&call->services->files, p->fd, p->offset,
				       (uint32_t)p->whence);

	p->offset = position < 0 ? -1 : position;
	return CALL_RESUME;
}

/* UHY-V1-006 */
enum call_outcome call_v1_serial_write(struct call *call)
{
	const struct uhyve_v1_serial_write_params *p =
		&call->block.v1_serial_write_params;
	const void *from = gmem_at(&call->services->mem, p->buf, p->len);

	if (from)
		console_write(&call->services->console, from, p->len);
	return CALL_RESUME;
}

/* The sizes of at most UHYVE_V1_MAX_ARGS strings; how many there are. */
static int32_t sizes(const char *const *strings, unsigned count, int32_t *sizes)
{
	if (count > UHYVE_V1_MAX_ARGS)
		count = UHYVE_V1_MAX_ARGS;
	for (unsigned i = 0; i < count; i++)
		sizes[i] = (int32_t)strlen(strings[i]) + 1;
	return (int32_t)count;
}

/* UHY-V1-013, -014, -016 */
enum call_outcome call_v1_cmdsize(struct call *call)
{
	struct uhyve_v1_cmdsize_params *p = &call->block.v1_cmdsize_params;
	const struct services *s = call->services;
	int32_t argsz[UHYVE_V1_MAX_ARGS] = {0}, envsz[UHYVE_V1_MAX_ARGS] = {0};

	p->argc = sizes(s->argv, s->argc, argsz);
	p->envc = sizes(s->envp, s->envc, envsz);
	memcpy(p->argsz, argsz, sizeof(argsz));
	memcpy(p->envsz, envsz, sizeof(envsz));
	return CALL_RESUME;
}

/* Stores each string where the guest's array at gpa points to. */
static int store_strings(const struct gmem *mem, struct uhyve_gpa array,
			 const char *const *strings, unsigned count)
{
	int error = 0;

	if (count > UHYVE_V1_MAX_ARGS)
		count = UHYVE_V1_MAX_ARGS;
	for (unsigned i = 0; i < count && !error; i++) {
		struct uhyve_gpa slot;
		error = gmem_load(mem, array, &slot, sizeof(slot));
		if (!error)
			error = gmem_store(mem, slot, strings[i],
					   strlen(strings[i]) + 1);
		array.addr += sizeof(slot);
	}
	return error;
}

/* UHY-V1-015, -016 */
enum call_outcome call_v1_cmdval(struct call *call)
{
	const struct uhyve_v1_cmdval_params *p = &call->block.v1_cmdval_params;
	const struct services *s = call->services;

	if (store_strings(&s->mem, p->argv, s->argv, s->argc) ||
	    store_strings(&s->mem, p->envp, s->envp, s->envc)) {
		call->fault = "an argument's place is not in guest memory";
		return CALL_FAULT;
	}
	return CALL_RESUME;
}
