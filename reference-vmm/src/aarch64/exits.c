/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: accesses to memory that is not there, among them the hypercalls. KVM
 * decodes the instruction and steps over it when the vCPU runs again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../arch.h"
#include "../vm.h"
#include "platform.h"
#include "registers.h"

/* True if the guest is in the vectors that it was given, see platform.h. */
static bool in_vectors(const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	if (run->exit_reason != KVM_EXIT_MMIO ||
	    run->mmio.phys_addr != VECTOR_NUMBER || !run->mmio.is_write)
		return false;
	uint64_t pc = register_get(vcpu, REGISTER_CORE(regs.pc));
	uint64_t vectors = vcpu->vm->ram.start + BOOT_VECTORS;
	return pc >= vectors && pc < vectors + BOOT_VECTORS_SIZE;
}

/* A call is a store of 64 bits; narrower ones mean nothing. */
static enum call_outcome store(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct call *call = &vcpu->call;
	if (in_vectors(vcpu))
		return CALL_UNKNOWN;
	if (run->mmio.len != sizeof(call->argument))
		return CALL_RESUME;
	call->number = run->mmio.phys_addr;
	memcpy(&call->argument, run->mmio.data, sizeof(call->argument));
	enum call_outcome outcome = call_write(&vcpu->vm->table, call);
	return outcome == CALL_UNKNOWN ? CALL_RESUME : outcome;
}

/* A read is a load of 32 bits; every other load gives zero. */
static enum call_outcome load(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	struct call *call = &vcpu->call;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (run->mmio.len != sizeof(call->read_value))
		return CALL_RESUME;
	call->number = run->mmio.phys_addr;
	enum call_outcome outcome = call_read(&vcpu->vm->table, call);
	memcpy(run->mmio.data, &call->read_value, sizeof(call->read_value));
	return outcome == CALL_UNKNOWN ? CALL_RESUME : outcome;
}

enum call_outcome arch_exit(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	if (run->exit_reason != KVM_EXIT_MMIO)
		return CALL_UNKNOWN;
	return run->mmio.is_write ? store(vcpu) : load(vcpu);
}

uint64_t arch_program_counter(const struct vcpu *vcpu)
{
	return register_get(vcpu, in_vectors(vcpu) ? REGISTER_CORE(elr_el1)
						   : REGISTER_CORE(regs.pc));
}

void arch_call_site(void *context, unsigned index, struct call_site *site)
{
	const struct vm *vm = context;
	const struct vcpu *vcpu = &vm->vcpus[index];
	site->pc = arch_program_counter(vcpu);
	site->sp = register_get(vcpu, REGISTER_CORE(sp_el1));
}

int arch_watch(struct vm *vm, const struct boot *boot, struct why *why)
{
	(void)vm;
	(void)boot;
	(void)why;
	return 0;
}

bool arch_explain_stop(const struct vcpu *vcpu, const char **what)
{
	(void)vcpu;
	*what = "it was running or waited for an interrupt";
	return false;
}

/* ---- Diagnosis ----------------------------------------------------------- */

static const char *exception_name(uint64_t syndrome)
{
	switch (syndrome >> 26 & 0x3f) {
	case 0x00:
		return "an instruction that is unknown";
	case 0x07:
		return "a floating-point or vector instruction that is off";
	case 0x0e:
		return "an illegal execution state";
	case 0x15:
		return "a supervisor call";
	case 0x18:
		return "a system register access that is not allowed";
	case 0x20:
	case 0x21:
		return "an instruction fetch that failed";
	case 0x22:
		return "a program counter that is not aligned";
	case 0x24:
	case 0x25:
		return "a memory access that failed";
	case 0x26:
		return "a stack pointer that is not aligned";
	case 0x3c:
		return "a breakpoint instruction";
	default:
		return "an exception";
	}
}

bool arch_explain_exit(const struct vcpu *vcpu, char *to, size_t size)
{
	const struct kvm_run *run = vcpu->run;
	if (in_vectors(vcpu)) {
		uint64_t syndrome = register_get(vcpu, REGISTER_ESR_EL1);
		snprintf(to, size,
			 "%s, for which the guest has no vector (ESR 0x%" PRIx64
			 ", FAR 0x%" PRIx64 ")",
			 exception_name(syndrome), syndrome,
			 register_get(vcpu, REGISTER_FAR_EL1));
		return true;
	}
	if (run->exit_reason == KVM_EXIT_ARM_NISV) {
		snprintf(to, size,
			 "an access to 0x%llx in a form that the hardware does "
			 "not describe; calls are plain 64-bit stores",
			 run->arm_nisv.fault_ipa);
		return true;
	}
	return false;
}
