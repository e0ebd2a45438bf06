/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* aarch64: interrupt controller, registers at entry, address translation. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include <uhyve_interface/boot.h>

#include "../arch.h"
#include "../vm.h"
#include "../page_tables.h"
#include "platform.h"
#include "registers.h"

/* EL1 on its own stack pointer; debug, SError, IRQ and FIQ are masked. */
#define PSTATE_EL1H_DAIF 0x3c5
/* Device nGnRnE, nGnRE, GRE; normal non-cacheable; normal write-back. */
#define MAIR 0xff440c0400
/* Floating point and vectors do not trap. */
#define CPACR_FPEN (UINT64_C(3) << 20)
/* MMU, caches and stack alignment check on; the rest as Hermit's loaders. */
#define SCTLR 0x04d5d91d /* UHY-BOOT-176 */

/*
 * Both halves: 48 bits, 4 KiB, write-back, inner shareable (UHY-BOOT-177). The
 * upper is off.
 */
#define TCR_T0SZ_T1SZ (UINT64_C(16) | UINT64_C(16) << 16)
#define TCR_WRITE_BACK (UINT64_C(5) << 8 | UINT64_C(5) << 24)
#define TCR_INNER_SHAREABLE (UINT64_C(3) << 12 | UINT64_C(3) << 28)
#define TCR_EPD1 (UINT64_C(1) << 23)
#define TCR_TG1_4K (UINT64_C(2) << 30)
#define TCR_IPS_SHIFT 32
#define KVM_DEFAULT_BITS 40 /* of guest-physical addresses */
#define PA_RANGE 0xfu
#define PA_RANGE_48_BITS 5u

/*
 * Without a number KVM takes 40 bits, which not every host has; RAM needs 36 at
 * most. Hosts before 4.20 cannot be asked.
 */
int64_t arch_vm_type(int kvm, uint64_t ram_end, struct why *why)
{
	int host = ioctl(kvm, KVM_CHECK_EXTENSION, KVM_CAP_ARM_VM_IPA_SIZE);
	if (host <= 0 || host >= KVM_DEFAULT_BITS)
		return 0;
	if ((ram_end - 1) >> host)
		return refuse(
			why,
			"this host's virtual machines have addresses of %d "
			"bits, and memory would end at 0x%" PRIx64
			"; give it a smaller --memory-size, or --no-aslr",
			host, ram_end);
	return KVM_VM_TYPE_ARM_IPA_SIZE(host);
}

/*
 * An access that the hardware does not describe comes to us, who say so;
 * without this KVM_RUN fails. Hosts before 5.5 do not have it.
 */
int arch_vm_init(const struct vm *vm, struct why *why)
{
	struct kvm_enable_cap nisv = {.cap = KVM_CAP_ARM_NISV_TO_USER};
	(void)why;
	ioctl(vm->fd, KVM_ENABLE_CAP, &nisv);
	return 0;
}

/* ---- Interrupt controller ------------------------------------------------ */

static int set_attribute(int device, uint32_t group, uint64_t attribute,
			 const uint64_t *value)
{
	struct kvm_device_attr attr = {
		.group = group, .attr = attribute, .addr = (uintptr_t)value};
	return ioctl(device, KVM_SET_DEVICE_ATTR, &attr);
}

/*
 * Distributor and redistributors; no translation service, since nothing sends
 * messages to be translated.
 */
static int create_interrupt_controller(const struct vm *vm, struct why *why)
{
	static const struct device_range distributor = GIC_DISTRIBUTOR;
	static const struct device_range redistributors = GIC_REDISTRIBUTORS;
	struct kvm_create_device create = {.type = KVM_DEV_TYPE_ARM_VGIC_V3};
	bool failed = ioctl(vm->fd, KVM_CREATE_DEVICE, &create) < 0 ||
		      set_attribute((int)create.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
				    KVM_VGIC_V3_ADDR_TYPE_DIST,
				    &distributor.start) < 0 ||
		      set_attribute((int)create.fd, KVM_DEV_ARM_VGIC_GRP_ADDR,
				    KVM_VGIC_V3_ADDR_TYPE_REDIST,
				    &redistributors.start) < 0 ||
		      set_attribute((int)create.fd, KVM_DEV_ARM_VGIC_GRP_CTRL,
				    KVM_DEV_ARM_VGIC_CTRL_INIT, NULL) < 0;
	if (failed)
		return refuse(why,
			      "this host's KVM makes no GICv3 interrupt "
			      "controller: %s",
			      strerror(errno));
	close((int)create.fd);
	return 0;
}

/* No vCPU is off at first: every one starts at the entry. */
int arch_vm_finish(const struct vm *vm, int kvm, struct why *why)
{
	(void)kvm;
	struct kvm_vcpu_init init;
	if (ioctl(vm->fd, KVM_ARM_PREFERRED_TARGET, &init) < 0)
		return refuse(why, "KVM_ARM_PREFERRED_TARGET: %s",
			      strerror(errno));
	init.features[0] |= 1u << KVM_ARM_VCPU_PSCI_0_2;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (ioctl(vm->vcpus[i].fd, KVM_ARM_VCPU_INIT, &init) < 0)
			return refuse(why, "cannot set up vCPU %u: %s", i,
				      strerror(errno));
	return create_interrupt_controller(vm, why);
}

/* ---- Registers ----------------------------------------------------------- */

static uint64_t translation_control(const struct vcpu *vcpu)
{
	uint64_t range =
		register_get(vcpu, REGISTER_ID_AA64MMFR0_EL1) & PA_RANGE;
	if (range > PA_RANGE_48_BITS)
		range = PA_RANGE_48_BITS;
	return TCR_T0SZ_T1SZ | TCR_WRITE_BACK | TCR_INNER_SHAREABLE | TCR_EPD1 |
	       TCR_TG1_4K | range << TCR_IPS_SHIFT;
}

int arch_vcpu_entry(const struct vcpu *vcpu, const struct boot *boot,
		    struct why *why)
{
	const struct {
		uint64_t id, value;
	} registers[] = {
		{REGISTER_MAIR_EL1, MAIR},
		{REGISTER_TCR_EL1, translation_control(vcpu)},
		{REGISTER_TTBR0_EL1, boot->ram_start + UHYVE_BOOT_PAGE_TABLES},
		{REGISTER_TTBR1_EL1, 0},
		{REGISTER_CPACR_EL1, CPACR_FPEN},
		{REGISTER_MDSCR_EL1, 0},
		{REGISTER_VBAR_EL1, boot->ram_start + BOOT_VECTORS},
		{REGISTER_SCTLR_EL1, SCTLR},
		{REGISTER_CORE(regs.pstate), PSTATE_EL1H_DAIF},
		{REGISTER_CORE(regs.pc), boot->entry},
		{REGISTER_CORE(regs.regs[0]), boot->info},
		{REGISTER_CORE(regs.regs[1]), vcpu->index},
		{REGISTER_CORE(sp_el1), boot->stack},
	};
	for (unsigned i = 0; i < sizeof(registers) / sizeof(registers[0]); i++)
		if (register_set(vcpu, registers[i].id, registers[i].value) < 0)
			return refuse(why,
				      "cannot set register 0x%llx of vCPU %u: "
				      "%s",
				      (unsigned long long)registers[i].id,
				      vcpu->index, strerror(errno));
	return 0;
}

/* The guest reads the frequency of its counter by itself (CNTFRQ_EL0). */
uint32_t arch_counter_khz(const struct vcpu *vcpu)
{
	(void)vcpu;
	return 0;
}

void arch_watch_vcpu(const struct vcpu *vcpu)
{
	(void)vcpu;
}

uint64_t arch_table_root(const struct vcpu *vcpu)
{
	return register_get(vcpu, REGISTER_TTBR0_EL1) & ENTRY_ADDRESS;
}

uint64_t arch_stack_pointer(const struct vcpu *vcpu)
{
	return register_get(vcpu, REGISTER_CORE(sp_el1));
}

/* With the tables of the boot contract: those of the lower half. */
int arch_walk(void *context, unsigned vcpu, uint64_t gva, struct uhyve_gpa *gpa)
{
	const struct vm *vm = context;
	unsigned shift = 0;

	uint64_t leaf;
	if (gva >> (ROOT_SHIFT + LEVEL_BITS) == 0)
		shift = page_tables_walk(&vm->ram,
					 arch_table_root(&vm->vcpus[vcpu]), gva,
					 &leaf);
	if (!shift)
		return -EFAULT;
	gpa->addr = page_tables_address(leaf, gva, shift);
	return 0;
}
