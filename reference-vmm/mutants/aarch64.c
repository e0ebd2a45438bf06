/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Mutants of aarch64's vCPU loop and state at entry. */
#if defined(__aarch64__)
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <uhyve_interface/boot.h>

#include "../src/aarch64/platform.h"
#include "../src/aarch64/registers.h"
#include "../src/page_tables.h"
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

/* KVM moves it after the store by itself. */
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
ENTRY(numbers_swapped, X(1),
      vcpu->index == 1 || vcpu->index == 2 ? 3 - vcpu->index : vcpu->index)
ENTRY(irq_on, REGISTER_CORE(regs.pstate), 0x345)
ENTRY(bits_47, REGISTER_TCR_EL1, register_get(vcpu, REGISTER_TCR_EL1) + 1)
ENTRY(caches_off, REGISTER_SCTLR_EL1,
      register_get(vcpu, REGISTER_SCTLR_EL1) & ~UINT64_C(0x4))
ENTRY(walks_uncached, REGISTER_TCR_EL1,
      register_get(vcpu, REGISTER_TCR_EL1) & ~UINT64_C(0xf00))
ENTRY(vectors_trap, REGISTER_CPACR_EL1, 0)
ENTRY(stack_in_image, REGISTER_CORE(sp_el1), boot->image_start)

#define REGISTER_MPIDR_EL1 ARM64_SYS_REG(3, 0, 0, 0, 5)
ENTRY(affinity_1, REGISTER_MPIDR_EL1, 0x80000000 | vcpu->index << 8)
ENTRY(types_other, REGISTER_MAIR_EL1, UINT64_C(0xff440c0404))

/* The virtual timer has an interrupt that no node names. */
static int timer_moved(const struct vcpu *vcpu, const struct boot *boot,
		       struct why *why)
{
	int interrupt = 25, result = __real_arch_vcpu_entry(vcpu, boot, why);
	struct kvm_device_attr attr = {.group = KVM_ARM_VCPU_TIMER_CTRL,
				       .attr = KVM_ARM_VCPU_TIMER_IRQ_VTIMER,
				       .addr = (uintptr_t)&interrupt};

	ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr);
	return result;
}

/* EL1 on the stack pointer of EL0. */
static int sp_el0(const struct vcpu *vcpu, const struct boot *boot,
		  struct why *why)
{
	int result = __real_arch_vcpu_entry(vcpu, boot, why);

	register_set(vcpu, REGISTER_CORE(regs.sp), boot->stack);
	register_set(vcpu, REGISTER_CORE(regs.pstate), 0x3c4);
	return result;
}

/* An entry of a table, the tables counted in the order in which they were taken. */
static uint64_t *entry_of(const struct boot *boot, const struct gmem *ram,
			  unsigned table, unsigned index)
{
	return __real_gmem_at(ram,
			      (struct uhyve_gpa){boot->ram_start +
						 UHYVE_BOOT_PAGE_TABLES +
						 table * PAGE_SIZE + index * 8},
			      8);
}

/* boot_write, and then the tables are spoilt. */
#define TABLES(name, statement)                                                \
	static int name(const struct boot *boot, const struct image *image,    \
			const struct gmem *ram,                                \
			const struct boot_facts *facts, struct why *why)       \
	{                                                                      \
		int result = __real_boot_write(boot, image, ram, facts, why);  \
		statement;                                                     \
		return result;                                                 \
	}

/* The tables of the numbers are the first three after the root. */
enum { ROOT_TABLE, NUMBERS_L1, NUMBERS_L2, NUMBERS_L3 };
TABLES(numbers_cached,
       *entry_of(boot, ram, NUMBERS_L3,
		 1) = (*entry_of(boot, ram, NUMBERS_L3, 1) & ~28ull) | 4 << 2)
TABLES(zero_mapped, *entry_of(boot, ram, NUMBERS_L3,
			      0) = *entry_of(boot, ram, NUMBERS_L3, 1) &
				   ~UINT64_C(0xfffffffff000))

/* Entries that name tables say so and nothing else, but for the root's own. */
static void bare_links(const struct boot *boot, const struct gmem *ram)
{
	uint64_t pool = boot->ram_start + UHYVE_BOOT_PAGE_TABLES;
	uint64_t end = boot->ram_start + UHYVE_BOOT_PAGE_TABLES_END;
	for (uint64_t at = pool; at < end; at += 8) {
		uint64_t *entry =
			__real_gmem_at(ram, (struct uhyve_gpa){at}, 8);
		uint64_t to = *entry & UINT64_C(0xfffffffff000);
		if (to > pool && to < end && at < pool + 3 * PAGE_SIZE)
			*entry = to | ENTRY_PRESENT | ENTRY_TABLE;
	}
}
TABLES(links_bare, bare_links(boot, ram))

/* Every page of the image, the last level of what boot->image_start is in. */
static void change_pages(const struct boot *boot, const struct gmem *ram,
			 uint64_t clear, uint64_t set)
{
	for (uint64_t at = boot->ram_start + UHYVE_BOOT_PAGE_TABLES;
	     at < boot->ram_start + UHYVE_BOOT_PAGE_TABLES_END; at += 8) {
		uint64_t *entry =
			__real_gmem_at(ram, (struct uhyve_gpa){at}, 8);
		uint64_t to = *entry & UINT64_C(0xfffffffff000);
		if (to >= boot->image_start && to < boot->image_end)
			*entry = (*entry & ~clear) | set;
	}
}
/* Normal memory without caches: index 3. */
TABLES(ram_uncached, change_pages(boot, ram, 7 << 2, 3 << 2))

/* The first 2 MiB of RAM are one block. */
static void use_block(const struct boot *boot, const struct gmem *ram)
{
	uint64_t table = boot->ram_start + UHYVE_BOOT_PAGE_TABLES;
	for (unsigned shift = 39;; shift -= 9) {
		uint64_t at = table + (boot->ram_start >> shift & 511) * 8;
		uint64_t *entry =
			__real_gmem_at(ram, (struct uhyve_gpa){at}, 8);
		table = *entry & UINT64_C(0xfffffffff000);
		if (shift == 21) {
			*entry = boot->ram_start | 0x711;
			return;
		}
	}
}
TABLES(ram_in_blocks, use_block(boot, ram))

/* Bytes of the device tree, which is as long as it was. */
static void edit_tree(const struct boot *boot, const struct gmem *ram,
		      const void *from, const void *to, size_t len)
{
	char *tree = __real_gmem_at(
		ram, (struct uhyve_gpa){boot->ram_start + UHYVE_BOOT_FDT},
		UHYVE_BOOT_FDT_MAX);
	char *at = memmem(tree, UHYVE_BOOT_FDT_MAX, from, len);
	if (at)
		memcpy(at, to, len);
}
TABLES(controller_other, edit_tree(boot, ram, "arm,gic-v3", "arm,gic-v2", 10))
TABLES(timer_other,
       edit_tree(boot, ram, "arm,armv8-timer", "arm,armv9-timer", 15))
/* The redistributors without the first one. */
TABLES(redistributors_later,
       edit_tree(boot, ram, "\0\0\0\0\x08\x0a\0", "\0\0\0\0\x08\x0c\0", 7))

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
	{"boot-tables", "UHY-BOOT-120",
	 "entries that name tables have no attributes of a page",
	 .boot_write = links_bare},
	{"boot-blocks", "UHY-BOOT-121", "RAM is mapped by a block of 2 MiB",
	 .boot_write = ram_in_blocks},
	{"boot-uncached", "UHY-BOOT-122", "the image is not cached",
	 .boot_write = ram_uncached},
	{"boot-mair", "UHY-BOOT-123", "memory type 0 is another device",
	 .arch_vcpu_entry = types_other},
	{"boot-caches-off", "UHY-BOOT-176", "SCTLR_EL1.C is clear",
	 .arch_vcpu_entry = caches_off},
	{"boot-walks", "UHY-BOOT-177", "table walks are not cached",
	 .arch_vcpu_entry = walks_uncached},
	{"boot-affinity", "UHY-BOOT-124", "the number is affinity 1",
	 .arch_vcpu_entry = affinity_1},
	{"boot-sgi-targets", "UHY-BOOT-125",
	 "the affinities of the second and third vCPU are swapped",
	 .arch_vcpu_entry = numbers_swapped},
	{"boot-timer-moved", "UHY-BOOT-126", "the timer interrupts elsewhere",
	 .arch_vcpu_entry = timer_moved},
	{"boot-gic-v2", "UHY-BOOT-127", "the tree tells of another controller",
	 .boot_write = controller_other},
	{"boot-redistributors", "UHY-BOOT-128",
	 "the redistributors begin with the second",
	 .boot_write = redistributors_later},
	{"boot-timer-node", "UHY-BOOT-129", "the timer's node is another's",
	 .boot_write = timer_other},
	{"boot-zero", "UHY-BOOT-132", "address 0 is mapped",
	 .boot_write = zero_mapped},
};
VARIANTS(rows);
#else
typedef int nothing_here;
#endif
