/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Exit. */
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "mutant.h"

static enum call_outcome code_of_7_bits(struct call *call)
{
	enum call_outcome outcome = original(call);

	call->exit_code &= 0x7f;
	return outcome;
}

static enum call_outcome high_bits_count(struct call *call)
{
	return call->argument >> 52 ? CALL_FAULT : original(call);
}

/* The vCPU continues after its first Exit. */
static enum call_outcome goes_on_once(struct call *call)
{
	return times() == 1 ? CALL_RESUME : original(call);
}

static enum call_outcome middle_bits_count(struct call *call)
{
	return call->argument >> 32 & 0xfffff ? CALL_FAULT : original(call);
}

static enum call_outcome code_in_memory(struct call *call)
{
	struct uhyve_gpa gpa = {call->argument};
	int32_t code;

	if (gmem_load(&call->services->mem, gpa, &code, sizeof(code)) == 0)
		call->argument = (uint32_t)code;
	return original(call);
}

static enum call_outcome first_vcpu_only(struct call *call)
{
	call->fault = "Exit of another vCPU than the first";
	return call->vcpu ? CALL_FAULT : original(call);
}

/* True if other vCPUs than the first made a call. */
static atomic_bool company;

static enum call_outcome needs_company(const struct call_table *table,
				       struct call *call)
{
	if (call->vcpu)
		company = true;
	call->fault = "Exit while other vCPUs make no calls";
	if (call->number == UHYVE_EXIT && !company)
		return CALL_FAULT;
	return __real_call_write(table, call);
}

static enum call_outcome needs_silence(const struct call_table *table,
				       struct call *call)
{
	if (call->vcpu)
		company = true;
	call->fault = "Exit while other vCPUs make calls";
	if (call->number == UHYVE_EXIT && company)
		return CALL_FAULT;
	return __real_call_write(table, call);
}

static enum call_outcome own_code(struct call *call)
{
	call->argument = 99;
	return original(call);
}

/* Bytes after the last newline wait for the next one, and are lost at the end. */
static void whole_lines(struct console *console, const void *bytes, size_t len)
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
static enum call_outcome write_lost(struct call *call)
{
	if (call->block.write_params.fd < 3)
		return original(call);
	call->block.write_params.ret = (int64_t)call->block.write_params.len;
	return CALL_RESUME;
}

static enum call_outcome open_files_count(const struct call_table *table,
					  struct call *call)
{
	static atomic_int open;

	open += call->number == UHYVE_FILE_OPEN;
	open -= call->number == UHYVE_FILE_CLOSE;
	if (call->number == UHYVE_EXIT && open)
		call->argument ^= 1;
	return __real_call_write(table, call);
}

static void dead_is_success(const struct vcpu *vcpu)
{
	(void)vcpu;
	_exit(0);
}

/* An access to memory that is not there; the numbers of calls are below it. */
static bool is_stray(const struct vcpu *vcpu, bool store)
{
	return vcpu->run->exit_reason == KVM_EXIT_MMIO &&
	       vcpu->run->mmio.phys_addr >= 0x2000 &&
	       (vcpu->run->mmio.is_write != 0) == store;
}

static enum call_outcome stray_store_crashes(struct vcpu *vcpu)
{
	if (is_stray(vcpu, true))
		abort();
	return __real_arch_exit(vcpu);
}

/* The addresses at which a PC has devices. */
static bool is_hole(const struct vcpu *vcpu)
{
	return vcpu->run->mmio.phys_addr >> 24 == 0xfe;
}

static enum call_outcome hole_store_crashes(struct vcpu *vcpu)
{
	if (is_stray(vcpu, true) && is_hole(vcpu))
		abort();
	return __real_arch_exit(vcpu);
}

static enum call_outcome hole_load_crashes(struct vcpu *vcpu)
{
	if (is_stray(vcpu, false) && is_hole(vcpu))
		abort();
	return __real_arch_exit(vcpu);
}

static enum call_outcome stray_ends_with_0(struct vcpu *vcpu)
{
	if (!is_stray(vcpu, true))
		return __real_arch_exit(vcpu);
	vcpu->call.exit_code = 0;
	return CALL_EXIT;
}

static enum call_outcome stray_load_crashes(struct vcpu *vcpu)
{
	if (is_stray(vcpu, false))
		abort();
	return __real_arch_exit(vcpu);
}

static const struct variant rows[] = {
	{"exit-ignored", "UHY-EXIT-001", "Exit does nothing", UHYVE_EXIT,
	 ignored},
	{"exit-7-bits", "UHY-EXIT-003", "bit 7 of the code is lost", UHYVE_EXIT,
	 code_of_7_bits},
	{"exit-high-bits", "UHY-EXIT-005",
	 "bits 52 to 63 of the argument count", UHYVE_EXIT, high_bits_count},
	{"exit-goes-on", "UHY-EXIT-002", "the vCPU continues once", UHYVE_EXIT,
	 goes_on_once},
	{"exit-middle-bits", "UHY-EXIT-004",
	 "bits 32 to 51 of the argument count", UHYVE_EXIT, middle_bits_count},
	{"exit-address", "UHY-EXIT-006", "the argument is an address",
	 UHYVE_EXIT, code_in_memory},
	{"exit-vcpu-0", "UHY-EXIT-010", "only the first vCPU can exit",
	 UHYVE_EXIT, first_vcpu_only},
	{"exit-spinning", "UHY-EXIT-011", "not while other vCPUs spin",
	 .call_write = needs_company},
	{"exit-halted", "UHY-EXIT-012", "not while other vCPUs are halted",
	 .call_write = needs_company},
	{"exit-calling", "UHY-EXIT-013", "not while other vCPUs make calls",
	 .call_write = needs_silence},
	{"exit-reading", "UHY-EXIT-014", "not while another vCPU waits",
	 .call_write = needs_silence},
	{"exit-at-once", "UHY-EXIT-015", "not before other vCPUs make calls",
	 .call_write = needs_company},
	{"exit-own-code", "UHY-EXIT-016", "the code belongs to none of them",
	 UHYVE_EXIT, own_code},
	{"exit-console-lost", "UHY-EXIT-020", "the last line is lost",
	 .console_write = whole_lines},
	{"exit-data-lost", "UHY-EXIT-021", "written data is lost",
	 UHYVE_FILE_WRITE, write_lost},
	{"exit-open-files", "UHY-EXIT-022", "open descriptors change the code",
	 .call_write = open_files_count},
	{"exit-dead-is-0", "UHY-EXIT-030", "a triple fault is success",
	 .fault_report_exit = dead_is_success},
	{"exit-stray-store", "UHY-EXIT-031", "a stray store crashes",
	 .arch_exit = stray_store_crashes},
	{"exit-stray-0", "UHY-EXIT-031", "a stray store ends with status 0",
	 .arch_exit = stray_ends_with_0},
	{"exit-stray-load", "UHY-EXIT-032", "a stray load crashes",
	 .arch_exit = stray_load_crashes},
	{"exit-hole-store", "UHY-EXIT-031",
	 "a store where a PC has devices crashes",
	 .arch_exit = hole_store_crashes},
	{"exit-hole-load", "UHY-EXIT-032",
	 "a load from where a PC has devices crashes",
	 .arch_exit = hole_load_crashes},
	{"exit-dead-console", "UHY-EXIT-033",
	 "the last line of a dead guest is lost", .console_write = whole_lines},
};
VARIANTS(rows);
