/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fault.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <uhyve_interface/boot.h>

#include "arch.h"
#include "image.h"
#include "message.h"
#include "observe.h"
#include "services.h"
#include "watch.h"

/* "0x100041234 (guest_main+0x34)" */
static void describe_pc(const struct vcpu *vcpu, uint64_t pc, char *to,
			size_t size)
{
	const struct vm *vm = vcpu->vm;
	uint64_t distance;
	char name[IMAGE_NAME_SIZE];
	if (vm->image &&
	    image_symbol(vm->image, pc - vm->load, name, &distance))
		snprintf(to, size, "0x%" PRIx64 " (%s+0x%" PRIx64 ")", pc, name,
			 distance);
	else
		snprintf(to, size, "0x%" PRIx64, pc);
}

/* "uhyve-ref: the call was FileClose(fd=3)" */
static void describe_call(const char *what, const struct call *call)
{
	char text[1024] = "";
	FILE *to = fmemopen(text, sizeof(text) - 1, "w");
	if (!to)
		return;
	observe_describe(call, to);
	fclose(to);
	warning("%s: %.400s", what, text);
}

static void report(const struct vcpu *vcpu, const char *what)
{
	uint64_t pc = arch_program_counter(vcpu);
	char where[160];
	describe_pc(vcpu, pc, where, sizeof(where));
	warning("vCPU %u at %s: %s", vcpu->index, where, what);
}

void fault_report_call(const struct vcpu *vcpu)
{
	char what[160];
	snprintf(what, sizeof(what), "%s%s", vcpu->call.fault,
		 vcpu->call.row->since >= 2 ? " [UHY-BLOCK-060]" : "");
	report(vcpu, what);
	describe_call("the call", &vcpu->call);
}

static void report_dead(const struct vcpu *vcpu, const char *what)
{
	report(vcpu, what);
	if (vcpu->last_pc) {
		char where[160];
		describe_pc(vcpu, vcpu->last_pc, where, sizeof(where));
		warning("vCPU %u last left the guest at %s", vcpu->index,
			where);
	}
	if (vcpu->call.row)
		describe_call("its last call", &vcpu->call);
}

/* The instruction that KVM could not execute, if it says which. */
static void report_internal_error(const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	char what[160];
	int used = snprintf(what, sizeof(what), "KVM internal error %u",
			    run->internal.suberror);
	if (run->internal.suberror == KVM_INTERNAL_ERROR_EMULATION) {
		used = snprintf(what, sizeof(what),
				"KVM cannot execute this instruction");
		const uint8_t *bytes = run->emulation_failure.insn_bytes;
		unsigned size = run->emulation_failure.insn_size;
		if (run->emulation_failure.ndata >= 3 &&
		    run->emulation_failure.flags & 1 && size <= 15)
			for (unsigned i = 0; i < size; i++)
				used += snprintf(what + used,
						 sizeof(what) - (size_t)used,
						 "%s%02x", i ? " " : ": ",
						 bytes[i]);
	}
	report_dead(vcpu, what);
}

void fault_report_exit(const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	char what[320];
	if (arch_explain_exit(vcpu, what, sizeof(what))) {
		report_dead(vcpu, what);
		return;
	}
	switch (run->exit_reason) {
	case KVM_EXIT_INTERNAL_ERROR:
		report_internal_error(vcpu);
		break;
	case KVM_EXIT_FAIL_ENTRY:
		snprintf(what, sizeof(what),
			 "the processor refused to enter the guest (0x%llx)",
			 run->fail_entry.hardware_entry_failure_reason);
		report_dead(vcpu, what);
		break;
	case KVM_EXIT_SYSTEM_EVENT:
		snprintf(what, sizeof(what),
			 "the guest asked its firmware for system event %u",
			 run->system_event.type);
		report_dead(vcpu, what);
		break;
	default:
		snprintf(what, sizeof(what),
			 "an exit that this program does not know (%u)",
			 run->exit_reason);
		report_dead(vcpu, what);
	}
}

void fault_report_run(const struct vcpu *vcpu)
{
	char what[96];
	snprintf(what, sizeof(what), "KVM_RUN: %s", strerror(errno));
	report_dead(vcpu, what);
}

struct fault_guess fault_guess(const struct vcpu *vcpu, uint64_t address)
{
	const struct vm *vm = vcpu->vm;
	const struct judge *judge = &vm->services->judge;
	uint64_t sp = arch_stack_pointer(vcpu);

	if (vm->watch && watch_tables_lost(vm))
		return (struct fault_guess){JUDGE_TABLES,
					    "; the page tables of the entry "
					    "were overwritten"};
	if (sp < judge->stack && sp >= vm->ram.start + UHYVE_BOOT_PAGE_TABLES)
		return (struct fault_guess){
			JUDGE_BOOT_103,
			"; the stack of the entry was used from its lowest "
			"address down, where page tables are [UHY-BOOT-103]"};
	if (gmem_valid(&vm->ram, address, 1))
		return (struct fault_guess){JUDGE_BOOT_105,
					    "; that is RAM which the page "
					    "tables do not map "
					    "[UHY-BOOT-105]"};
	return (struct fault_guess){JUDGE_DIED, ""};
}
