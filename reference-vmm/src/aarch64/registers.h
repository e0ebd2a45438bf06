/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* aarch64: one register of a vCPU by KVM's name for it. */
#ifndef AARCH64_REGISTERS_H
#define AARCH64_REGISTERS_H

#include <linux/kvm.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>

#include "../vm.h"

#define REGISTER_CORE(field)                                                   \
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |                 \
	 offsetof(struct kvm_regs, field) / sizeof(uint32_t))

/* ARM64_SYS_REG(op0, op1, CRn, CRm, op2) */
#define REGISTER_MDSCR_EL1 ARM64_SYS_REG(2, 0, 0, 2, 2)
#define REGISTER_ID_AA64MMFR0_EL1 ARM64_SYS_REG(3, 0, 0, 7, 0)
#define REGISTER_SCTLR_EL1 ARM64_SYS_REG(3, 0, 1, 0, 0)
#define REGISTER_CPACR_EL1 ARM64_SYS_REG(3, 0, 1, 0, 2)
#define REGISTER_TTBR0_EL1 ARM64_SYS_REG(3, 0, 2, 0, 0)
#define REGISTER_TTBR1_EL1 ARM64_SYS_REG(3, 0, 2, 0, 1)
#define REGISTER_TCR_EL1 ARM64_SYS_REG(3, 0, 2, 0, 2)
#define REGISTER_ESR_EL1 ARM64_SYS_REG(3, 0, 5, 2, 0)
#define REGISTER_FAR_EL1 ARM64_SYS_REG(3, 0, 6, 0, 0)
#define REGISTER_MAIR_EL1 ARM64_SYS_REG(3, 0, 10, 2, 0)
#define REGISTER_CNTP_CTL_EL0 ARM64_SYS_REG(3, 3, 14, 2, 1)
#define REGISTER_CNTV_CTL_EL0 ARM64_SYS_REG(3, 3, 14, 3, 1)
#define REGISTER_VBAR_EL1 ARM64_SYS_REG(3, 0, 12, 0, 0)

static inline int register_set(const struct vcpu *vcpu, uint64_t id,
			       uint64_t value)
{
	struct kvm_one_reg one = {.id = id, .addr = (uintptr_t)&value};
	return ioctl(vcpu->fd, KVM_SET_ONE_REG, &one);
}

/* 0 where KVM does not tell. */
static inline uint64_t register_get(const struct vcpu *vcpu, uint64_t id)
{
	uint64_t value = 0;
	struct kvm_one_reg one = {.id = id, .addr = (uintptr_t)&value};
	return ioctl(vcpu->fd, KVM_GET_ONE_REG, &one) < 0 ? 0 : value;
}

#endif
