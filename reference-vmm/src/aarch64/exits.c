/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * aarch64: accesses to memory that is not there, among them the hypercalls. KVM
 * decodes the instruction and steps over it when the vCPU runs again.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "../arch.h"
#include "../fault.h"
#include "../services.h"
#include "../vm.h"
#include "../watch.h"
#include "form.h"
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

/* True if the address is that of some number, offered or not. */
static bool is_number(const struct vcpu *vcpu, uint64_t address)
{
	uint64_t first =
		vcpu->vm->services->judge.interface == 1 ? V1_NUMBERS : NUMBERS;
	return address >= first && address < NUMBERS_END;
}

/* No device answers: a store is lost, a load gives zero. */
static enum call_outcome stray(const struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	judge_broken(&vcpu->vm->services->judge, JUDGE_STRAY, vcpu->index,
		     arch_program_counter(vcpu), NULL,
		     "a %s of %u bytes at 0x%llx",
		     run->mmio.is_write ? "write" : "read", run->mmio.len,
		     run->mmio.phys_addr);
	return CALL_RESUME;
}

/* A call is a store of 64 bits; narrower ones mean nothing. */
static enum call_outcome store(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	struct call *call = &vcpu->call;
	if (in_vectors(vcpu))
		return CALL_UNKNOWN;
	if (!is_number(vcpu, run->mmio.phys_addr))
		return stray(vcpu);
	if (judge_is_on(&vcpu->vm->services->judge))
		form_judge(vcpu);
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
	if (!is_number(vcpu, run->mmio.phys_addr))
		return stray(vcpu);
	if (run->mmio.len != sizeof(call->read_value))
		return CALL_RESUME;
	call->number = run->mmio.phys_addr;
	enum call_outcome outcome = call_read(&vcpu->vm->table, call);
	memcpy(run->mmio.data, &call->read_value, sizeof(call->read_value));
	return outcome == CALL_UNKNOWN ? CALL_RESUME : outcome;
}

/*
 * An access that the hardware does not describe. To what is watched it is tried
 * again, when that is memory like any other.
 */
static enum call_outcome not_described(struct vcpu *vcpu)
{
	uint64_t address = vcpu->run->arm_nisv.fault_ipa;
	if (vcpu->vm->watch && watch_touched(vcpu, address))
		return CALL_RESUME;
	if (is_number(vcpu, address))
		form_judge_unknown(vcpu, address);
	return CALL_UNKNOWN;
}

enum call_outcome arch_exit(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	bool watched = vcpu->vm->watch;
	if (run->exit_reason == KVM_EXIT_ARM_NISV)
		return not_described(vcpu);
	if (run->exit_reason != KVM_EXIT_MMIO)
		return CALL_UNKNOWN;
	if (watched && watch_access(vcpu))
		return CALL_RESUME;
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
	site->sp = arch_stack_pointer(vcpu);
}

#define OPCODE_WFI 0xd503207fu
#define TIMER_ENABLED 1u /* of the three bits of a timer's control register */
#define TIMER_MASKED 2u

static bool is_wfi(const struct vcpu *vcpu, uint64_t pc)
{
	uint32_t code = 0;
	struct uhyve_gpa gpa;
	return arch_walk(vcpu->vm, vcpu->index, pc, &gpa) == 0 &&
	       gmem_load(&vcpu->vm->ram, gpa, &code, sizeof(code)) == 0 &&
	       code == OPCODE_WFI;
}

static bool ticks(const struct vcpu *vcpu, uint64_t control)
{
	return (register_get(vcpu, control) & (TIMER_ENABLED | TIMER_MASKED)) ==
	       TIMER_ENABLED;
}

/* No device but its timers interrupts a vCPU. */
bool arch_explain_stop(const struct vcpu *vcpu, const char **what)
{
	uint64_t pc = arch_program_counter(vcpu);
	bool waits = is_wfi(vcpu, pc) || is_wfi(vcpu, pc - 4);
	bool timer = ticks(vcpu, REGISTER_CNTV_CTL_EL0) ||
		     ticks(vcpu, REGISTER_CNTP_CTL_EL0);
	*what = "it was running";
	if (watch_is_lost(vcpu)) {
		*what = "its code is no longer mapped: each exception leads to "
			"the next";
		return true;
	}
	if (waits)
		*what = timer ? "it waits for an interrupt (WFI)"
			      : "it waits for an interrupt (WFI), and no timer "
				"is on";
	return waits && !timer;
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

#define CLASS_SHIFT 26
#define CLASS_DATA_ABORT 0x25u

/* Why a store or load failed, and the rule that this breaks. */
static struct fault_guess guess(const struct vcpu *vcpu, uint64_t pc,
				uint64_t address, char *to, size_t size)
{
	const char *missed = form_missed_call(vcpu, pc, address);
	if (!missed)
		return fault_guess(vcpu, address);
	snprintf(to, size,
		 "; its lowest 16 bits are the number of %s, the others have "
		 "to be zero [UHY-CALL-114]",
		 missed);
	return (struct fault_guess){JUDGE_CALL_114, to};
}

static void explain_exception(const struct vcpu *vcpu, char *to, size_t size)
{
	uint64_t syndrome = register_get(vcpu, REGISTER_ESR_EL1);
	uint64_t address = register_get(vcpu, REGISTER_FAR_EL1);
	uint64_t pc = arch_program_counter(vcpu);
	struct fault_guess why = {JUDGE_DIED, ""};
	char text[120];
	if ((syndrome >> CLASS_SHIFT & 0x3f) == CLASS_DATA_ABORT)
		why = guess(vcpu, pc, address, text, sizeof(text));
	snprintf(to, size,
		 "%s, for which the guest has no vector (ESR 0x%" PRIx64
		 ", FAR 0x%" PRIx64 ")%s",
		 exception_name(syndrome), syndrome, address, why.text);
	judge_broken(&vcpu->vm->services->judge, why.rule, vcpu->index, pc,
		     NULL, "%s", to);
}

bool arch_explain_exit(const struct vcpu *vcpu, char *to, size_t size)
{
	const struct kvm_run *run = vcpu->run;
	if (in_vectors(vcpu)) {
		explain_exception(vcpu, to, size);
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
