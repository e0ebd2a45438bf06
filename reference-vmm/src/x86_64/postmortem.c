/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reports a vCPU's position when the guest could not continue, or was stopped. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "../arch.h"
#include "../fault.h"
#include "../services.h"
#include "../vm.h"

#define CR4_OSFXSR 0x200u
#define RFLAGS_IF 0x200u
#define OPCODE_HLT 0xf4
#define BYTES 8 /* of the instruction that are shown */

/* The bytes at a guest-virtual address; how many could be read. */
static unsigned code_at(const struct vcpu *vcpu, uint64_t pc,
			uint8_t bytes[BYTES])
{
	unsigned n = 0;
	struct uhyve_gpa gpa;
	while (n < BYTES &&
	       arch_walk(vcpu->vm, vcpu->index, pc + n, &gpa) == 0 &&
	       gmem_load(&vcpu->vm->ram, gpa, &bytes[n], 1) == 0)
		n++;
	return n;
}

/* Brings the control registers along without entering the guest. */
static const struct kvm_sregs *control(const struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	run->kvm_valid_regs |= KVM_SYNC_X86_SREGS;
	run->immediate_exit = 1;
	ioctl(vcpu->fd, KVM_RUN, 0);
	return &run->s.regs.sregs;
}

/* An instruction on XMM or MMX registers: two-byte opcodes, or VEX. */
static bool is_vector(const uint8_t *code, unsigned size)
{
	unsigned at = 0;
	while (at + 2 < size && (code[at] == 0x66 || code[at] == 0xf2 ||
				 code[at] == 0xf3 || (code[at] & 0xf0) == 0x40))
		at++;
	if (at + 1 >= size)
		return false;
	uint8_t next = code[at + 1];
	if (code[at] == 0xc4 || code[at] == 0xc5)
		return true;
	return code[at] == 0x0f &&
	       ((next >= 0x10 && next <= 0x17) ||
		(next >= 0x28 && next <= 0x2f) ||
		(next >= 0x50 && next <= 0x7f) ||
		(next >= 0xd0 && next != 0xff) || next == 0xc6);
}

static struct fault_guess guess(const struct vcpu *vcpu,
				const struct kvm_sregs *now,
				const uint8_t *code, unsigned size)
{
	if (is_vector(code, size) && !(now->cr4 & CR4_OSFXSR))
		return (struct fault_guess){
			JUDGE_DIED, "; SSE is off at entry: set CR4.OSFXSR "
				    "first, or compile with "
				    "-mgeneral-regs-only"};
	return fault_guess(vcpu, now->cr2);
}

static void triple_fault(const struct vcpu *vcpu, char *to, size_t size)
{
	uint64_t pc = arch_program_counter(vcpu);
	const struct kvm_sregs *now = control(vcpu);
	uint8_t code[BYTES];
	unsigned n = code_at(vcpu, pc, code);
	int used = snprintf(to, size, "triple fault, CR2 0x%" PRIx64,
			    (uint64_t)now->cr2);
	for (unsigned i = 0; i < n && used > 0 && (size_t)used < size; i++)
		used += snprintf(to + used, size - (size_t)used, "%s%02x",
				 i ? " " : ", at ", code[i]);
	struct fault_guess why = guess(vcpu, now, code, n);
	if (used > 0 && (size_t)used < size)
		snprintf(to + used, size - (size_t)used, "%s", why.text);
	judge_broken(&vcpu->vm->services->judge, why.rule, vcpu->index, pc,
		     NULL, "%s", to);
}

bool arch_explain_exit(const struct vcpu *vcpu, char *to, size_t size)
{
	if (vcpu->run->exit_reason != KVM_EXIT_SHUTDOWN)
		return false;
	triple_fault(vcpu, to, size);
	return true;
}

bool arch_explain_stop(const struct vcpu *vcpu, const char **what)
{
	const struct kvm_regs *regs = &vcpu->run->s.regs.regs;
	uint8_t before = 0;
	struct uhyve_gpa gpa;
	if (arch_walk(vcpu->vm, vcpu->index, regs->rip - 1, &gpa) == 0)
		gmem_load(&vcpu->vm->ram, gpa, &before, 1);
	bool dead = before == OPCODE_HLT && !(regs->rflags & RFLAGS_IF);
	*what = "it was running";
	if (dead)
		*what = "it is halted with interrupts off, nothing wakes it";
	else if (before == OPCODE_HLT)
		*what = "it is halted until an interrupt comes";
	return dead;
}
