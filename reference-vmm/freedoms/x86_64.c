/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Freedoms that only x86-64 has. */
#if defined(__x86_64__)

#include "freedoms.h"

#include <sys/ioctl.h>
#include <uhyve_interface/boot.h>

static bool is_port_of_interface(const struct kvm_run *run)
{
	return run->exit_reason == KVM_EXIT_IO && run->io.port >= 0x1000 &&
	       run->io.port < 0x2000 && run->io.direction == KVM_EXIT_IO_OUT;
}

static enum call_outcome narrow(struct vcpu *vcpu)
{
	if (!is_port_of_interface(vcpu->run) || vcpu->run->io.size == 4)
		return arch_exit(vcpu);
	taken();
	return CALL_RESUME;
}

static enum call_outcome stray_ends(struct vcpu *vcpu)
{
	if (vcpu->run->exit_reason != KVM_EXIT_MMIO)
		return arch_exit(vcpu);
	taken();
	return CALL_UNKNOWN;
}

/* The flags of arithmetic: CF, PF, AF, ZF, SF, OF. */
#define ARITHMETIC 0x8d5

/*
 * Every register that carries nothing; those of the entry state are as before.
 */
static int junk(const struct vcpu *vcpu, const struct boot *boot,
		struct why *why)
{
	int error = arch_vcpu_entry(vcpu, boot, why);
	struct kvm_regs regs;
	struct kvm_sregs sregs;

	if (error || ioctl(vcpu->fd, KVM_GET_REGS, &regs) < 0 ||
	    ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return error;
	taken();
	regs.rax = 0xdead0001deadbeef;
	regs.rbx = 0xdead0002deadbeef;
	regs.rcx = 0xdead0003deadbeef;
	regs.rdx = 0xdead0004deadbeef;
	regs.rbp = 0xdead0005deadbeef;
	regs.r8 = regs.r9 = regs.r10 = regs.r11 = 0xdead0006deadbeef;
	regs.r12 = regs.r13 = regs.r14 = regs.r15 = 0xdead0007deadbeef;
	regs.rflags |= ARITHMETIC;
	sregs.cr2 = 0xdead0008deadbeef;
	sregs.fs.base = 0x7ead0009deadb000;
	/* Canonical, or the processor refuses them. */
	sregs.fs.base &= 0x7fffffffffff;
	if (ioctl(vcpu->fd, KVM_SET_REGS, &regs) < 0 ||
	    ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) < 0)
		return refuse(why, "cannot set junk: %s", strerror(errno));
	return 0;
}

static const struct variant rows[] = {
	{"call-narrow", TOGETHER, "an 8- or 16-bit OUT is ignored",
	 .arch_exit = narrow},
	{"stray-access-ends", TOGETHER, "a stray access ends the machine",
	 .arch_exit = stray_ends},
	{"boot-registers", TOGETHER, "registers that carry nothing hold junk",
	 .arch_vcpu_entry = junk},
};
VARIANTS(rows);

#endif
