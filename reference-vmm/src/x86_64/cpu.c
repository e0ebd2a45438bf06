/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* x86-64: interrupt controller, registers at entry, address translation. */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <uhyve_interface/boot.h>

#include "../arch.h"
#include "../page_tables.h"
#include "../vm.h"
#include "cpuid.h"

/* Three pages that KVM needs on some processors; no RAM lies here. */
#define TSS_ADDRESS 0xfffbd000

#define CR0_PE_ET_NE_PG 0x80000031
#define CR4_PAE 0x20
#define EFER_LME_LMA_NXE 0xd00
#define RFLAGS_RESERVED 0x2
#define GDT_CODE 0x8
#define GDT_DATA 0x10
#define GDT_LIMIT 23

#define MSR_MISC_ENABLE 0x1a0
#define MISC_ENABLE_FAST_STRING 1

int arch_vm_init(const struct vm *vm, struct why *why)
{
	if (ioctl(vm->fd, KVM_SET_TSS_ADDR, TSS_ADDRESS) < 0)
		return refuse(why, "KVM_SET_TSS_ADDR: %s", strerror(errno));
	if (ioctl(vm->fd, KVM_CREATE_IRQCHIP, 0) < 0)
		return refuse(why, "KVM_CREATE_IRQCHIP: %s", strerror(errno));
	struct kvm_enable_cap x2apic = {
		.cap = KVM_CAP_X2APIC_API,
		.args = {KVM_X2APIC_API_USE_32BIT_IDS |
			 KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK}};
	if (ioctl(vm->fd, KVM_ENABLE_CAP, &x2apic) < 0)
		return refuse(why, "KVM_CAP_X2APIC_API: %s", strerror(errno));
	return 0;
}

/*
 * Every vCPU is as the boot processor: runnable at once. Without this the
 * others would wait for a start-up interrupt that no guest sends.
 */
static int set_runnable(const struct vcpu *vcpu)
{
	struct kvm_mp_state state = {KVM_MP_STATE_RUNNABLE};
	return vcpu->index == 0 ? 0 : ioctl(vcpu->fd, KVM_SET_MP_STATE, &state);
}

static int set_msrs(const struct vcpu *vcpu)
{
	/* struct kvm_msrs with room for one. */
	struct {
		uint32_t nmsrs, pad;
		struct kvm_msr_entry entry;
	} msrs = {.nmsrs = 1,
		  .entry = {.index = MSR_MISC_ENABLE,
			    .data = MISC_ENABLE_FAST_STRING}};
	return ioctl(vcpu->fd, KVM_SET_MSRS, &msrs);
}

int arch_vm_finish(const struct vm *vm, int kvm, struct why *why)
{
	if (cpuid_set(vm, kvm, why))
		return -1;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		if (set_runnable(&vm->vcpus[i]) < 0 ||
		    set_msrs(&vm->vcpus[i]) < 0)
			return refuse(why, "cannot set up vCPU %u: %s", i,
				      strerror(errno));
	return 0;
}

/*
 * UHY-BOOT-043 to 049: long mode with the tables of memory.c; SSE is off,
 * interrupts are too.
 */
static int set_sregs(const struct vcpu *vcpu, const struct boot *boot)
{
	struct kvm_sregs sregs;
	if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) < 0)
		return -1;
	struct kvm_segment segment = {.limit = 0xffffffff,
				      .selector = GDT_CODE,
				      .type = 11, /* execute, read, accessed */
				      .present = 1,
				      .s = 1,
				      .l = 1,
				      .g = 1};
	sregs.cs = segment;
	segment.selector = GDT_DATA;
	segment.type = 3; /* read, write, accessed */
	segment.l = 0;
	sregs.ds = sregs.es = sregs.ss = segment;
	sregs.gdt.base = boot->ram_start + UHYVE_BOOT_GDT;
	sregs.gdt.limit = GDT_LIMIT;
	sregs.cr0 = CR0_PE_ET_NE_PG;
	sregs.cr3 = boot->ram_start + UHYVE_BOOT_PAGE_TABLES;
	sregs.cr4 = CR4_PAE;
	sregs.efer = EFER_LME_LMA_NXE;
	return ioctl(vcpu->fd, KVM_SET_SREGS, &sregs);
}

int arch_vcpu_entry(const struct vcpu *vcpu, const struct boot *boot,
		    struct why *why)
{
	struct kvm_regs regs = {.rip = boot->entry,
				.rdi = boot->info,
				.rsi = vcpu->index,
				.rsp = boot->stack,
				.rflags = RFLAGS_RESERVED};
	if (set_sregs(vcpu, boot) < 0 ||
	    ioctl(vcpu->fd, KVM_SET_REGS, &regs) < 0)
		return refuse(why, "cannot set the registers of vCPU %u: %s",
			      vcpu->index, strerror(errno));
	/* From now on every exit brings the registers along. */
	vcpu->run->kvm_valid_regs = KVM_SYNC_X86_REGS;
	return 0;
}

uint32_t arch_counter_khz(const struct vcpu *vcpu)
{
	int khz = ioctl(vcpu->fd, KVM_GET_TSC_KHZ, 0);
	return khz > 0 ? (uint32_t)khz : 0;
}

uint64_t arch_program_counter(const struct vcpu *vcpu)
{
	return vcpu->run->s.regs.regs.rip;
}

/* Control registers, too. */
void arch_watch_vcpu(const struct vcpu *vcpu)
{
	vcpu->run->kvm_valid_regs |= KVM_SYNC_X86_SREGS;
}

uint64_t arch_table_root(const struct vcpu *vcpu)
{
	return vcpu->run->s.regs.sregs.cr3 & ENTRY_ADDRESS;
}

uint64_t arch_stack_pointer(const struct vcpu *vcpu)
{
	return vcpu->run->s.regs.regs.rsp;
}

int arch_walk(void *context, unsigned vcpu, uint64_t gva, struct uhyve_gpa *gpa)
{
	const struct vm *vm = context;
	struct kvm_translation translation = {.linear_address = gva};
	if (ioctl(vm->vcpus[vcpu].fd, KVM_TRANSLATE, &translation) < 0 ||
	    !translation.valid)
		return -EFAULT;
	gpa->addr = translation.physical_address;
	return 0;
}
