/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* x86-64: what loader, layout and device tree must know. */
#include "../arch.h"

#include <elf.h>
#include <linux/kvm.h>
#include <uhyve_interface/boot.h>

static const int needed_caps[] = {KVM_CAP_SYNC_REGS, KVM_CAP_X2APIC_API, 0};

/* To walk the guest's page tables. */
static const unsigned long run_ioctls[] = {KVM_TRANSLATE, 0};

const struct arch arch = {
	.name = "x86-64",
	.elf_machine = EM_X86_64,
	.r_relative = R_X86_64_RELATIVE,
	.r_abs64 = R_X86_64_64,
	.r_glob_dat = R_X86_64_GLOB_DAT,
	.max_vcpus = 64,
	.v1_ram_first = UHYVE_V1_RAM_FIRST_X86_64,
	.v1_ram_end = UHYVE_V1_RAM_END_X86_64,
	.v1_random_end = UHYVE_V1_RAM_END_X86_64,
	.has_pci = true,
	.entry_page_mask = 0x80,
	.entry_page = 0x80,
	.walks_write = true,
	.run_ioctls = run_ioctls,
	.needed_caps = needed_caps,
};

int64_t arch_vm_type(int kvm, uint64_t ram_end, struct why *why)
{
	(void)kvm;
	(void)ram_end;
	(void)why;
	return 0;
}

int arch_devicetree(void *fdt)
{
	(void)fdt;
	return 0;
}

int arch_devicetree_cpu(void *fdt)
{
	(void)fdt;
	return 0;
}
