/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Version 1. */
#include <string.h>

#include "mutant.h"

static enum call_outcome address_of_16_bits(const struct call_table *table,
					    struct call *call)
{
	if (call_is_legacy(call->number))
		call->argument &= 0xffff;
	return __real_call_write(table, call);
}

static enum call_outcome reserved_ends(const struct call_table *table,
				       struct call *call)
{
	if (call->number != UHYVE_V1_NETWRITE &&
	    call->number != UHYVE_V1_NETREAD &&
	    call->number != UHYVE_V1_NETSTAT)
		return __real_call_write(table, call);
	call->row = NULL;
	call->fault = "a number of the past";
	return CALL_FAULT;
}

static enum call_outcome code_of_4_bits(struct call *call)
{
	enum call_outcome outcome = original(call);

	call->exit_code &= 0xf;
	return outcome;
}

static enum call_outcome byte_of_7_bits(struct call *call)
{
	call->argument &= 0x7f;
	return original(call);
}

static enum call_outcome last_byte_lost(struct call *call)
{
	struct uhyve_v1_serial_write_params *p =
		&call->block.v1_serial_write_params;

	p->len -= p->len > 1;
	return original(call);
}

static enum call_outcome keeps_open(struct call *call)
{
	call->block.close_params.ret = 0;
	return CALL_RESUME;
}

/* The rest of a buffer that continues in another page. */
static enum call_outcome first_page(struct call *call)
{
	struct uhyve_v1_write_params *p = &call->block.v1_write_params;
	uint64_t rest = 4096 - p->buf % 4096;

	if (p->fd > 2 && p->len > rest)
		p->len = rest;
	else if (p->fd > 2 && p->len)
		p->len--;
	return original(call);
}

static enum call_outcome counts_one_less(struct call *call)
{
	enum call_outcome outcome = original(call);

	call->block.v1_read_params.ret -= call->block.v1_read_params.ret > 0;
	return outcome;
}

static enum call_outcome offset_kept(struct call *call)
{
	const int64_t offset = call->block.v1_lseek_params.offset;
	enum call_outcome outcome = original(call);

	if (call->block.v1_lseek_params.offset >= 0)
		call->block.v1_lseek_params.offset = offset + 1;
	return outcome;
}

static enum call_outcome minus_errno(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.v1_lseek_params.offset < 0)
		call->block.v1_lseek_params.offset = -UHYVE_EINVAL;
	return outcome;
}

static enum call_outcome ends(struct call *call)
{
	call->fault = "it failed";
	return CALL_FAULT;
}

static enum call_outcome bad_write_ends(struct call *call)
{
	const struct uhyve_v1_write_params *p = &call->block.v1_write_params;
	struct uhyve_gpa gpa;

	if (p->fd < 0 || p->fd > 9 ||
	    call->services->walk(call->services->walk_context, call->vcpu,
				 p->buf, &gpa) < 0)
		return ends(call);
	return original(call);
}

static enum call_outcome bad_read_ends(struct call *call)
{
	enum call_outcome outcome = original(call);

	return call->block.v1_read_params.ret == -UHYVE_EFAULT ? ends(call)
							       : outcome;
}

/* A buffer beyond RAM, as upstream does. */
static enum call_outcome outside_ends(struct call *call)
{
	const struct gmem *mem = &call->services->mem;
	enum call_outcome outcome = original(call);

	return call->block.v1_read_params.buf == mem->start + mem->size
		       ? ends(call)
		       : outcome;
}

static enum call_outcome write_outside_ends(struct call *call)
{
	const struct gmem *mem = &call->services->mem;

	return call->block.v1_write_params.buf == mem->start + mem->size
		       ? ends(call)
		       : original(call);
}

/* Nothing to read is a failure. */
static enum call_outcome empty_fails(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.v1_read_params.len == 0)
		call->block.v1_read_params.ret = -UHYVE_EFAULT;
	return outcome;
}

/* A buffer of which a single byte lies on its last page. */
static enum call_outcome last_byte_of_page(struct call *call)
{
	struct uhyve_v1_read_params *p = &call->block.v1_read_params;

	if (p->len > 1 && (p->buf + p->len) % 4096 == 1)
		p->len--;
	return original(call);
}

/* Only those of the kernel; there is one of the application at most. */
static enum call_outcome application_not_counted(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.v1_cmdsize_params.argc > 3)
		call->block.v1_cmdsize_params.argc = 3;
	return outcome;
}

static enum call_outcome one_argument_more(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.v1_cmdsize_params.argc == UHYVE_V1_MAX_ARGS)
		call->block.v1_cmdsize_params.argc++;
	return outcome;
}

static enum call_outcome path_not_counted(struct call *call)
{
	enum call_outcome outcome = original(call);

	call->block.v1_cmdsize_params.argc--;
	return outcome;
}

static enum call_outcome nul_not_counted(struct call *call)
{
	enum call_outcome outcome = original(call);

	for (int i = 0; i < call->block.v1_cmdsize_params.argc; i++)
		call->block.v1_cmdsize_params.argsz[i]--;
	return outcome;
}

static enum call_outcome one_variable_more(struct call *call)
{
	enum call_outcome outcome = original(call);

	call->block.v1_cmdsize_params.envc++;
	return outcome;
}

/* As uhyve does: arguments begin where the path belongs. */
static enum call_outcome over_the_path(struct call *call)
{
	struct services *s = call->services;
	enum call_outcome outcome;

	s->argv++;
	s->argc--;
	outcome = original(call);
	s->argv--;
	s->argc++;
	return outcome;
}

static enum call_outcome failed_read_is_0(struct call *call)
{
	enum call_outcome outcome = original(call);

	if (call->block.v1_read_params.ret < 0)
		call->block.v1_read_params.ret = 0;
	return outcome;
}

/* NAME:value */
static enum call_outcome other_separator(struct call *call)
{
	enum call_outcome outcome = original(call);
	struct uhyve_gpa slot;

	if (call->services->envc &&
	    !gmem_load(&call->services->mem, call->block.v1_cmdval_params.envp,
		       &slot, sizeof(slot)))
		scribble(call,
			 slot.addr + strcspn(call->services->envp[0], "="), ':',
			 1);
	return outcome;
}

static const struct variant rows[] = {
	{"v1-address-16-bits", "UHY-V1-001",
	 "the address of a block has 16 bits",
	 .call_write = address_of_16_bits},
	{"v1-exit-4-bits", "UHY-V1-004", "the code has 4 bits", UHYVE_V1_EXIT,
	 code_of_4_bits},
	{"v1-byte-7-bits", "UHY-V1-005", "bit 7 of the byte is lost",
	 UHYVE_V1_SERIAL_WRITE_BYTE, byte_of_7_bits},
	{"v1-buffer-last-byte", "UHY-V1-006", "the last byte is lost",
	 UHYVE_V1_SERIAL_WRITE_BUFFER, last_byte_lost},
	{"v1-close-keeps-open", "UHY-V1-007",
	 "FileClose gives 0 and does nothing", UHYVE_V1_FILE_CLOSE, keeps_open},
	{"v1-write-first-page", "UHY-V1-008",
	 "FileWrite stops at the end of the page, or a byte early",
	 UHYVE_V1_FILE_WRITE, first_page},
	{"v1-read-count", "UHY-V1-009", "FileRead counts one byte less",
	 UHYVE_V1_FILE_READ, counts_one_less},
	{"v1-lseek-offset", "UHY-V1-010",
	 "FileLseek stores the offset, not the position", UHYVE_V1_FILE_LSEEK,
	 offset_kept},
	{"v1-lseek-errno", "UHY-V1-011", "FileLseek stores -EINVAL, not -1",
	 UHYVE_V1_FILE_LSEEK, minus_errno},
	{"v1-read-fails", "UHY-V1-022", "a FileRead that fails gives 0",
	 UHYVE_V1_FILE_READ, failed_read_is_0},
	{"v1-variable-form", "UHY-V1-023", "the environment has NAME:VALUE",
	 UHYVE_V1_CMDVAL, other_separator},
	{"v1-write-ends", "UHY-V1-012",
	 "a FileWrite that fails ends the machine", UHYVE_V1_FILE_WRITE,
	 bad_write_ends},
	{"v1-path-not-counted", "UHY-V1-013", "argc lacks the image's path",
	 UHYVE_V1_CMDSIZE, path_not_counted},
	{"v1-application", "UHY-V1-013",
	 "argc lacks the application's arguments", UHYVE_V1_CMDSIZE,
	 application_not_counted},
	{"v1-nul-not-counted", "UHY-V1-014", "argsz lacks the NUL",
	 UHYVE_V1_CMDSIZE, nul_not_counted},
	{"v1-129-arguments", "UHY-V1-021", "argc counts more than 128",
	 UHYVE_V1_CMDSIZE, one_argument_more},
	{"v1-over-the-path", "UHY-V1-015",
	 "arguments begin where the path belongs", UHYVE_V1_CMDVAL,
	 over_the_path},
	{"v1-one-variable-more", "UHY-V1-016",
	 "envc is one more than Cmdval stores", UHYVE_V1_CMDSIZE,
	 one_variable_more},
	{"v1-reserved-ends", "UHY-V1-017", "a reserved number ends the machine",
	 .call_write = reserved_ends},
	{"v1-read-ends", "UHY-V1-019",
	 "a FileRead into an unmapped buffer ends the machine",
	 UHYVE_V1_FILE_READ, bad_read_ends},
	{"v1-read-outside", "UHY-V1-019",
	 "a FileRead into a buffer beyond RAM ends the machine",
	 UHYVE_V1_FILE_READ, outside_ends},
	{"v1-write-outside", "UHY-V1-012",
	 "a FileWrite from a buffer beyond RAM ends the machine",
	 UHYVE_V1_FILE_WRITE, write_outside_ends},
	{"v1-read-empty", "UHY-V1-009", "EFAULT for 0 bytes",
	 UHYVE_V1_FILE_READ, empty_fails},
	{"v1-read-last-page", "UHY-V1-009",
	 "a single byte on the last page is not stored", UHYVE_V1_FILE_READ,
	 last_byte_of_page},
};
VARIANTS(rows);
