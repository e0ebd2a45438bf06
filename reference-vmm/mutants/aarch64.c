/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What only the vCPU loop and the state at entry of aarch64 can break. */
#if defined(__aarch64__)
#include <stdlib.h>
#include <string.h>

#include <uhyve_interface/boot.h>

#include "../src/aarch64/platform.h"
#include "../src/aarch64/registers.h"
#include "mutant.h"

#define X(number) REGISTER_CORE(regs.regs[number])

static bool is_access(const struct vcpu *vcpu, bool is_write)
{
	return vcpu->run->exit_reason == KVM_EXIT_MMIO &&
	       vcpu->run->mmio.is_write == is_write;
}

static bool is_file_number(const struct vcpu *vcpu)
{
	return vcpu->run->mmio.phys_addr >= UHYVE_FILE_WRITE &&
	       vcpu->run->mmio.phys_addr <= UHYVE_FILE_UNLINK;
}

/* ---- Accesses --------------------------------------------------------------- */

static enum call_outcome perform_x8(struct vcpu *vcpu)
{
	vcpu->call.number = vcpu->run->mmio.phys_addr;
	vcpu->call.argument = register_get(vcpu, X(8));
	return __real_call_write(&vcpu->vm->table, &vcpu->call);
}

static enum call_outcome narrow(struct vcpu *vcpu)
{
	if (is_access(vcpu, true) && is_file_number(vcpu) &&
	    vcpu->run->mmio.len < 8)
		return perform_x8(vcpu);
	return __real_arch_exit(vcpu);
}

static enum call_outcome x9_lost(struct vcpu *vcpu)
{
	enum call_outcome outcome = __real_arch_exit(vcpu);

	if (is_access(vcpu, true) && is_file_number(vcpu))
		register_set(vcpu, X(9), 0);
	return outcome;
}

/* KVM moves it behind the store by itself. */
static enum call_outcome instruction_skipped(struct vcpu *vcpu)
{
	enum call_outcome outcome = __real_arch_exit(vcpu);
	uint64_t pc = register_get(vcpu, REGISTER_CORE(regs.pc));

	if (is_access(vcpu, true) &&
	    vcpu->run->mmio.phys_addr == UHYVE_SERIAL_WRITE_BYTE)
		register_set(vcpu, REGISTER_CORE(regs.pc), pc + 4);
	return outcome;
}

static enum call_outcome read_performs(struct vcpu *vcpu)
{
	if (is_access(vcpu, false) && is_file_number(vcpu))
		perform_x8(vcpu);
	return __real_arch_exit(vcpu);
}

static enum call_outcome read_writes(struct vcpu *vcpu)
{
	if (is_access(vcpu, false) &&
	    vcpu->run->mmio.phys_addr == UHYVE_SERIAL_READ_BYTE)
		scribble(&vcpu->call, register_get(vcpu, X(8)), 0x5b5b5b5b, 4);
	return __real_arch_exit(vcpu);
}

static enum call_outcome forms_crash(struct vcpu *vcpu)
{
	if (vcpu->run->exit_reason == KVM_EXIT_ARM_NISV)
		abort();
	return __real_arch_exit(vcpu);
}

static enum call_outcome off_is_success(struct vcpu *vcpu)
{
	vcpu->call.exit_code = 0;
	return vcpu->run->exit_reason == KVM_EXIT_SYSTEM_EVENT
		       ? CALL_EXIT
		       : __real_arch_exit(vcpu);
}

/* ---- State at entry ----------------------------------------------------------- */

#define ENTRY(name, id, value)                                                 \
	static int name(const struct vcpu *vcpu, const struct boot *boot,      \
			struct why *why)                                       \
	{                                                                      \
		int result = __real_arch_vcpu_entry(vcpu, boot, why);          \
		register_set(vcpu, id, value);                                 \
		return result;                                                 \
	}
ENTRY(numbers_changed, X(1), vcpu->index ^ (vcpu->index ? 6 : 0))
ENTRY(irq_on, REGISTER_CORE(regs.pstate), 0x345)
ENTRY(bits_47, REGISTER_TCR_EL1, register_get(vcpu, REGISTER_TCR_EL1) + 1)
ENTRY(vectors_trap, REGISTER_CPACR_EL1, 0)
ENTRY(stack_in_image, REGISTER_CORE(sp_el1), boot->image_start)

/* EL1 on the stack pointer of EL0. */
static int sp_el0(const struct vcpu *vcpu, const struct boot *boot,
		  struct why *why)
{
	int result = __real_arch_vcpu_entry(vcpu, boot, why);

	register_set(vcpu, REGISTER_CORE(regs.sp), boot->stack);
	register_set(vcpu, REGISTER_CORE(regs.pstate), 0x3c4);
	return result;
}

/* The tables of the numbers are the first three behind the root. */
static int numbers_cached(const struct boot *boot, const struct image *image,
			  const struct gmem *ram,
			  const struct boot_facts *facts, struct why *why)
{
	int result = __real_boot_write(boot, image, ram, facts, why);
	uint64_t *entry = __real_gmem_at(
		ram,
		(struct uhyve_gpa){boot->ram_start + UHYVE_BOOT_PAGE_TABLES +
				   3 * PAGE_SIZE + 8},
		8);

	*entry = (*entry & ~UINT64_C(0x1c)) | 4 << 2;
	return result;
}

static const struct variant rows[] = {
	{"call-narrow", "UHY-CALL-011", "a narrow store performs the call",
	 .arch_exit = narrow},
	{"call-x9", "UHY-CALL-025", "X9 becomes 0", .arch_exit = x9_lost,
	 .sandbox_enter = stays_outside},
	{"call-skips", "UHY-CALL-026", "an instruction is skipped",
	 .arch_exit = instruction_skipped, .sandbox_enter = stays_outside},
	{"call-read-performs", "UHY-CALL-040", "a read performs the call",
	 .arch_exit = read_performs},
	{"call-form-crash", "UHY-CALL-061", "other forms of a store crash",
	 .arch_exit = forms_crash},
	{"exit-off", "UHY-EXIT-034", "switching off is success",
	 .arch_exit = off_is_success},
	{"srbyte-read-writes", "UHY-SRBYTE-006", "a read writes memory",
	 .arch_exit = read_writes},
	{"boot-numbers", "UHY-BOOT-042", "the numbers of vCPUs are others",
	 .arch_vcpu_entry = numbers_changed},
	{"boot-sp-el0", "UHY-BOOT-050", "the stack pointer is that of EL0",
	 .arch_vcpu_entry = sp_el0},
	{"boot-irq", "UHY-BOOT-051", "IRQ is not masked",
	 .arch_vcpu_entry = irq_on},
	{"boot-47-bits", "UHY-BOOT-052", "addresses have 47 bits",
	 .arch_vcpu_entry = bits_47},
	{"boot-cached", "UHY-BOOT-053", "the numbers are normal memory",
	 .boot_write = numbers_cached},
	{"boot-vectors-trap", "UHY-BOOT-054", "floating point traps",
	 .arch_vcpu_entry = vectors_trap},
	{"boot-sp", "UHY-BOOT-055", "the stack is in the image",
	 .arch_vcpu_entry = stack_in_image},
};
VARIANTS(rows);
#else
typedef int nothing_here;
#endif
