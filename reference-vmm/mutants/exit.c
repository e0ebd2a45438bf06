/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exit. */
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "mutant.h"

AFTER(UHYVE_EXIT, "exit-7-bits", "UHY-EXIT-003", "bit 7 of the code is lost")
{
	call->exit_code &= 0x7f;
}

HANDLER(UHYVE_EXIT, "exit-high-bits", "UHY-EXIT-005",
	"bits 52 to 63 of the argument count")
{
	return call->argument >> 52 ? CALL_FAULT : original(call);
}

/* The vCPU continues after its first Exit. */
HANDLER(UHYVE_EXIT, "exit-goes-on", "UHY-EXIT-002", "the vCPU continues once")
{
	return times() == 1 ? CALL_RESUME : original(call);
}

HANDLER(UHYVE_EXIT, "exit-middle-bits", "UHY-EXIT-004",
	"bits 32 to 51 of the argument count")
{
	return call->argument >> 32 & 0xfffff ? CALL_FAULT : original(call);
}

HANDLER(UHYVE_EXIT, "exit-address", "UHY-EXIT-006",
	"the argument is an address")
{
	struct uhyve_gpa gpa = {call->argument};
	int32_t code;

	if (gmem_load(&call->services->mem, gpa, &code, sizeof(code)) == 0)
		call->argument = (uint32_t)code;
	return original(call);
}

HANDLER(UHYVE_EXIT, "exit-vcpu-0", "UHY-EXIT-010",
	"only the first vCPU can exit")
{
	call->fault = "Exit of another vCPU than the first";
	return call->vcpu ? CALL_FAULT : original(call);
}

/* True if other vCPUs than the first made a call. */
static atomic_bool company;

REPLACES(call_write, needs_company)
{
	if (call->vcpu)
		company = true;
	call->fault = "Exit while other vCPUs make no calls";
	if (call->number == UHYVE_EXIT && !company)
		return CALL_FAULT;
	return REAL(call_write);
}

REPLACES(call_write, needs_silence)
{
	if (call->vcpu)
		company = true;
	call->fault = "Exit while other vCPUs make calls";
	if (call->number == UHYVE_EXIT && company)
		return CALL_FAULT;
	return REAL(call_write);
}

HANDLER(UHYVE_EXIT, "exit-own-code", "UHY-EXIT-016",
	"the code belongs to none of them")
{
	call->argument = 99;
	return original(call);
}

/* Bytes after the last newline wait for the next one, and are lost at the end. */
REPLACES(console_write, whole_lines)
{
	static char rest[4096];
	static size_t held;
	const char *from = bytes;

	for (size_t i = 0; i < len; i++) {
		if (held < sizeof(rest))
			rest[held++] = from[i];
		if (from[i] == '\n') {
			__real_console_write(console, rest, held);
			held = 0;
		}
	}
}

/* Bytes written to files are lost. */
HANDLER(WRITE, "exit-data-lost", "UHY-EXIT-021", "written data is lost")
{
	if (call->block.write_params.fd < 3)
		return original(call);
	call->block.write_params.ret = (int64_t)call->block.write_params.len;
	return CALL_RESUME;
}

AT(call_write, "exit-open-files", "UHY-EXIT-022",
   "open descriptors change the code")
{
	static atomic_int open;

	open += call->number == UHYVE_FILE_OPEN;
	open -= call->number == UHYVE_FILE_CLOSE;
	if (call->number == UHYVE_EXIT && open)
		call->argument ^= 1;
	return REAL(call_write);
}

AT(fault_report_exit, "exit-dead-is-0", "UHY-EXIT-030",
   "a triple fault is success")
{
	_exit(0);
}

/* An access to memory that is not there; the numbers of calls are below it. */
static bool is_stray(const struct vcpu *vcpu, bool store)
{
	return vcpu->run->exit_reason == KVM_EXIT_MMIO &&
	       vcpu->run->mmio.phys_addr >= 0x2000 &&
	       (vcpu->run->mmio.is_write != 0) == store;
}

AT(arch_exit, "exit-stray-store", "UHY-EXIT-031", "a stray store crashes")
{
	if (is_stray(vcpu, true))
		abort();
	return REAL(arch_exit);
}

/* The addresses at which a PC has devices. */
static bool is_hole(const struct vcpu *vcpu)
{
	return vcpu->run->mmio.phys_addr >> 24 == 0xfe;
}

AT(arch_exit, "exit-hole-store", "UHY-EXIT-031",
   "a store where a PC has devices crashes")
{
	if (is_stray(vcpu, true) && is_hole(vcpu))
		abort();
	return REAL(arch_exit);
}

AT(arch_exit, "exit-hole-load", "UHY-EXIT-032",
   "a load from where a PC has devices crashes")
{
	if (is_stray(vcpu, false) && is_hole(vcpu))
		abort();
	return REAL(arch_exit);
}

AT(arch_exit, "exit-stray-0", "UHY-EXIT-031",
   "a stray store ends with status 0")
{
	if (!is_stray(vcpu, true))
		return REAL(arch_exit);
	vcpu->call.exit_code = 0;
	return CALL_EXIT;
}

AT(arch_exit, "exit-stray-load", "UHY-EXIT-032", "a stray load crashes")
{
	if (is_stray(vcpu, false))
		abort();
	return REAL(arch_exit);
}

MUTANT("exit-ignored", "UHY-EXIT-001", "Exit does nothing",
       .number = UHYVE_EXIT, .perform = ignored);
MUTANT("exit-spinning", "UHY-EXIT-011", "not while other vCPUs spin",
       .call_write = needs_company);
MUTANT("exit-halted", "UHY-EXIT-012", "not while other vCPUs are halted",
       .call_write = needs_company);
MUTANT("exit-calling", "UHY-EXIT-013", "not while other vCPUs make calls",
       .call_write = needs_silence);
MUTANT("exit-reading", "UHY-EXIT-014", "not while another vCPU waits",
       .call_write = needs_silence);
MUTANT("exit-at-once", "UHY-EXIT-015", "not before other vCPUs make calls",
       .call_write = needs_company);
MUTANT("exit-console-lost", "UHY-EXIT-020", "the last line is lost",
       .console_write = whole_lines);
MUTANT("exit-dead-console", "UHY-EXIT-033",
       "the last line of a dead guest is lost", .console_write = whole_lines);
