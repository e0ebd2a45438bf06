/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Version 1. */
#include <string.h>

#include "mutant.h"

AT(call_write, "v1-address-16-bits", "UHY-V1-001",
   "the address of a block has 16 bits")
{
	if (call_is_legacy(call->number))
		call->argument &= 0xffff;
	return REAL(call_write);
}

AT(call_write, "v1-reserved-ends", "UHY-V1-017",
   "a reserved number ends the machine")
{
	if (call->number != UHYVE_V1_NETWRITE &&
	    call->number != UHYVE_V1_NETREAD &&
	    call->number != UHYVE_V1_NETSTAT)
		return REAL(call_write);
	call->row = NULL;
	call->fault = "a number of the past";
	return CALL_FAULT;
}

AFTER(UHYVE_V1_EXIT, "v1-exit-4-bits", "UHY-V1-004", "the code has 4 bits")
{
	call->exit_code &= 0xf;
}

HANDLER(UHYVE_V1_SERIAL_WRITE_BYTE, "v1-byte-7-bits", "UHY-V1-005",
	"bit 7 of the byte is lost")
{
	call->argument &= 0x7f;
	return original(call);
}

HANDLER(UHYVE_V1_SERIAL_WRITE_BUFFER, "v1-buffer-last-byte", "UHY-V1-006",
	"the last byte is lost")
{
	struct uhyve_v1_serial_write_params *p =
		&call->block.v1_serial_write_params;

	p->len -= p->len > 1;
	return original(call);
}

HANDLER(UHYVE_V1_FILE_CLOSE, "v1-close-keeps-open", "UHY-V1-007",
	"FileClose gives 0 and does nothing")
{
	call->block.close_params.ret = 0;
	return CALL_RESUME;
}

/* The rest of a buffer that continues in another page. */
HANDLER(UHYVE_V1_FILE_WRITE, "v1-write-first-page", "UHY-V1-008",
	"FileWrite stops at the end of the page, or a byte early")
{
	struct uhyve_v1_write_params *p = &call->block.v1_write_params;
	uint64_t rest = 4096 - p->buf % 4096;

	if (p->fd > 2 && p->len > rest)
		p->len = rest;
	else if (p->fd > 2 && p->len)
		p->len--;
	return original(call);
}

/* Translates the address of a buffer's first page only, as upstream does. */
struct first_page {
	guest_walk *walk;
	void *context;
	uint64_t gva, gpa; /* gva 0: not yet known */
};

static int walk_once(void *context, unsigned vcpu, uint64_t gva,
		     struct uhyve_gpa *gpa)
{
	struct first_page *first = context;

	if (first->gva == 0) {
		int err = first->walk(first->context, vcpu, gva, gpa);

		if (err < 0)
			return err;
		first->gva = gva;
		first->gpa = gpa->addr;
	}
	gpa->addr = first->gpa + (gva - first->gva);
	return 0;
}

static enum call_outcome in_one_piece(struct call *call)
{
	struct services *s = call->services;
	struct first_page first = {.walk = s->walk, .context = s->walk_context};

	if (s->walk) {
		s->walk = walk_once;
		s->walk_context = &first;
	}
	enum call_outcome outcome = original(call);
	s->walk = first.walk;
	s->walk_context = first.context;
	return outcome;
}

MUTANT("v1-write-one-piece", "UHY-V1-008",
       "FileWrite takes the pages of a buffer to be next to each other",
       .number = UHYVE_V1_FILE_WRITE, .perform = in_one_piece);

MUTANT("v1-read-one-piece", "UHY-V1-009",
       "FileRead takes the pages of a buffer to be next to each other",
       .number = UHYVE_V1_FILE_READ, .perform = in_one_piece);

AFTER(UHYVE_V1_FILE_READ, "v1-read-count", "UHY-V1-009",
      "FileRead counts one byte less")
{
	call->block.v1_read_params.ret -= call->block.v1_read_params.ret > 0;
}

HANDLER(UHYVE_V1_FILE_LSEEK, "v1-lseek-offset", "UHY-V1-010",
	"FileLseek stores the offset, not the position")
{
	const int64_t offset = call->block.v1_lseek_params.offset;
	enum call_outcome outcome = original(call);

	if (call->block.v1_lseek_params.offset >= 0)
		call->block.v1_lseek_params.offset = offset + 1;
	return outcome;
}

AFTER(UHYVE_V1_FILE_LSEEK, "v1-lseek-start", "UHY-V1-010",
      "position 0 is an error")
{
	if (call->block.v1_lseek_params.offset == 0)
		call->block.v1_lseek_params.offset = -1;
}

AFTER(UHYVE_V1_FILE_LSEEK, "v1-lseek-errno", "UHY-V1-011",
      "FileLseek stores -EINVAL, not -1")
{
	if (call->block.v1_lseek_params.offset < 0)
		call->block.v1_lseek_params.offset = -UHYVE_EINVAL;
}

static enum call_outcome ends(struct call *call)
{
	call->fault = "it failed";
	return CALL_FAULT;
}

HANDLER(UHYVE_V1_FILE_WRITE, "v1-write-ends", "UHY-V1-012",
	"a FileWrite that fails ends the machine")
{
	const struct uhyve_v1_write_params *p = &call->block.v1_write_params;
	struct uhyve_gpa gpa;

	if (p->fd < 0 || p->fd > 9 ||
	    call->services->walk(call->services->walk_context, call->vcpu,
				 p->buf, &gpa) < 0)
		return ends(call);
	return original(call);
}

HANDLER(UHYVE_V1_FILE_READ, "v1-read-ends", "UHY-V1-019",
	"a FileRead into an unmapped buffer ends the machine")
{
	enum call_outcome outcome = original(call);

	return call->block.v1_read_params.ret == -UHYVE_EFAULT ? ends(call)
							       : outcome;
}

/* A buffer beyond RAM, as upstream does. */
HANDLER(UHYVE_V1_FILE_READ, "v1-read-outside", "UHY-V1-019",
	"a FileRead into a buffer beyond RAM ends the machine")
{
	const struct gmem *mem = &call->services->mem;
	enum call_outcome outcome = original(call);

	return call->block.v1_read_params.buf == mem->start + mem->size
		       ? ends(call)
		       : outcome;
}

HANDLER(UHYVE_V1_FILE_WRITE, "v1-write-outside", "UHY-V1-012",
	"a FileWrite from a buffer beyond RAM ends the machine")
{
	const struct gmem *mem = &call->services->mem;

	return call->block.v1_write_params.buf == mem->start + mem->size
		       ? ends(call)
		       : original(call);
}

/* Nothing to read is a failure. */
AFTER(UHYVE_V1_FILE_READ, "v1-read-empty", "UHY-V1-009", "EFAULT for 0 bytes")
{
	if (call->block.v1_read_params.len == 0)
		call->block.v1_read_params.ret = -UHYVE_EFAULT;
}

/* A buffer of which a single byte lies on its last page. */
HANDLER(UHYVE_V1_FILE_READ, "v1-read-last-page", "UHY-V1-009",
	"a single byte on the last page is not stored")
{
	struct uhyve_v1_read_params *p = &call->block.v1_read_params;

	if (p->len > 1 && (p->buf + p->len) % 4096 == 1)
		p->len--;
	return original(call);
}

HANDLER(UHYVE_V1_FILE_READ, "v1-read-a-byte", "UHY-V1-009",
	"a single byte is not read")
{
	if (call->block.v1_read_params.len != 1)
		return original(call);
	call->block.v1_read_params.ret = -UHYVE_EFAULT;
	return CALL_RESUME;
}

HANDLER(UHYVE_V1_FILE_WRITE, "v1-write-a-byte", "UHY-V1-008",
	"a single byte is not written to a file")
{
	const struct uhyve_v1_write_params *p = &call->block.v1_write_params;

	return p->fd > 2 && p->len == 1 ? CALL_RESUME : original(call);
}

#if defined(__x86_64__) /* No guest for another makes such mappings. */
static enum call_outcome by_first_vcpu(struct call *call)
{
	const unsigned vcpu = call->vcpu;

	call->vcpu = 0;
	enum call_outcome outcome = original(call);
	call->vcpu = vcpu;
	return outcome;
}

MUTANT("v1-read-first-vcpu", "UHY-V1-009",
       "FileRead takes the address to be one of vCPU 0",
       .number = UHYVE_V1_FILE_READ, .perform = by_first_vcpu);

MUTANT("v1-write-first-vcpu", "UHY-V1-008",
       "FileWrite takes the address to be one of vCPU 0",
       .number = UHYVE_V1_FILE_WRITE, .perform = by_first_vcpu);

/* A buffer before which nothing is mapped. */
HANDLER(UHYVE_V1_FILE_READ, "v1-read-page-before", "UHY-V1-009",
	"the page before a buffer of several pages has to be mapped")
{
	struct uhyve_v1_read_params *p = &call->block.v1_read_params;
	struct uhyve_gpa gpa;

	if (p->len <= 4096 ||
	    call->services->walk(call->services->walk_context, call->vcpu,
				 p->buf - 1, &gpa) == 0)
		return original(call);
	p->ret = -UHYVE_EFAULT;
	return CALL_RESUME;
}
#endif

/* Only those of the kernel; there is one of the application at most. */
AFTER(UHYVE_V1_CMDSIZE, "v1-application", "UHY-V1-013",
      "argc lacks the application's arguments")
{
	if (call->block.v1_cmdsize_params.argc > 3)
		call->block.v1_cmdsize_params.argc = 3;
}

AFTER(UHYVE_V1_CMDSIZE, "v1-129-arguments", "UHY-V1-021",
      "argc counts more than 128")
{
	if (call->block.v1_cmdsize_params.argc == UHYVE_V1_MAX_ARGS)
		call->block.v1_cmdsize_params.argc++;
}

AFTER(UHYVE_V1_CMDSIZE, "v1-path-not-counted", "UHY-V1-013",
      "argc lacks the image's path")
{
	call->block.v1_cmdsize_params.argc--;
}

AFTER(UHYVE_V1_CMDSIZE, "v1-nul-not-counted", "UHY-V1-014",
      "argsz lacks the NUL")
{
	for (int i = 0; i < call->block.v1_cmdsize_params.argc; i++)
		call->block.v1_cmdsize_params.argsz[i]--;
}

AFTER(UHYVE_V1_CMDSIZE, "v1-one-variable-more", "UHY-V1-016",
      "envc is one more than Cmdval stores")
{
	call->block.v1_cmdsize_params.envc++;
}

HANDLER(UHYVE_V1_CMDVAL, "v1-129-variables", "UHY-V1-016",
	"Cmdval stores more variables than Cmdsize counts")
{
	const struct services *s = call->services;
	enum call_outcome outcome = original(call);
	struct uhyve_gpa slot;

	for (unsigned i = UHYVE_V1_MAX_ARGS; i < s->envc; i++)
		if (gmem_load(&s->mem,
			      (struct uhyve_gpa){
				      call->block.v1_cmdval_params.envp.addr +
				      i * sizeof(slot)},
			      &slot, sizeof(slot)) == 0)
			gmem_store(&s->mem, slot, s->envp[i],
				   strlen(s->envp[i]) + 1);
	return outcome;
}

AFTER(UHYVE_V1_CMDVAL, "v1-two-nuls", "UHY-V1-015",
      "two NULs follow an argument")
{
	const struct services *s = call->services;
	const uint64_t argv = call->block.v1_cmdval_params.argv.addr;
	struct uhyve_gpa slot;

	for (unsigned i = 0; i < s->argc && i < UHYVE_V1_MAX_ARGS; i++)
		if (gmem_load(&s->mem,
			      (struct uhyve_gpa){argv + i * sizeof(slot)},
			      &slot, sizeof(slot)) == 0)
			scribble(call, slot.addr + strlen(s->argv[i]) + 1, 0,
				 1);
}

/* As uhyve does: arguments begin where the path belongs. */
HANDLER(UHYVE_V1_CMDVAL, "v1-over-the-path", "UHY-V1-015",
	"arguments begin where the path belongs")
{
	struct services *s = call->services;

	s->argv++;
	s->argc--;
	enum call_outcome outcome = original(call);
	s->argv--;
	s->argc++;
	return outcome;
}

AFTER(UHYVE_V1_FILE_READ, "v1-read-fails", "UHY-V1-022",
      "a FileRead that fails gives 0")
{
	if (call->block.v1_read_params.ret < 0)
		call->block.v1_read_params.ret = 0;
}

/* NAME:value */
AFTER(UHYVE_V1_CMDVAL, "v1-variable-form", "UHY-V1-023",
      "the environment has NAME:VALUE")
{
	struct uhyve_gpa slot;

	if (call->services->envc &&
	    !gmem_load(&call->services->mem, call->block.v1_cmdval_params.envp,
		       &slot, sizeof(slot)))
		scribble(call,
			 slot.addr + strcspn(call->services->envp[0], "="), ':',
			 1);
}
