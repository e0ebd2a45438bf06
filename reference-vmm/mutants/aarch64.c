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

AT(arch_exit, "call-narrow", "UHY-CALL-011", "a narrow store performs the call")
{
	if (is_access(vcpu, true) && is_file_number(vcpu) &&
	    vcpu->run->mmio.len < 8)
		return perform_x8(vcpu);
	return REAL(arch_exit);
}

AT(arch_exit, "call-x9", "UHY-CALL-025", "X9 becomes 0",
   .sandbox_enter = stays_outside)
{
	enum call_outcome outcome = REAL(arch_exit);

	if (is_access(vcpu, true) && is_file_number(vcpu))
		register_set(vcpu, X(9), 0);
	return outcome;
}

/* KVM moves it after the store by itself. */
AT(arch_exit, "call-skips", "UHY-CALL-026", "an instruction is skipped",
   .sandbox_enter = stays_outside)
{
	enum call_outcome outcome = REAL(arch_exit);
	uint64_t pc = register_get(vcpu, REGISTER_CORE(regs.pc));

	if (is_access(vcpu, true) &&
	    vcpu->run->mmio.phys_addr == UHYVE_SERIAL_WRITE_BYTE)
		register_set(vcpu, REGISTER_CORE(regs.pc), pc + 4);
	return outcome;
}

AT(arch_exit, "call-read-performs", "UHY-CALL-040", "a read performs the call")
{
	if (is_access(vcpu, false) && is_file_number(vcpu))
		perform_x8(vcpu);
	return REAL(arch_exit);
}

AT(arch_exit, "srbyte-read-writes", "UHY-SRBYTE-006", "a read writes memory")
{
	if (is_access(vcpu, false) &&
	    vcpu->run->mmio.phys_addr == UHYVE_SERIAL_READ_BYTE)
		scribble(&vcpu->call, register_get(vcpu, X(8)), 0x5b5b5b5b, 4);
	return REAL(arch_exit);
}

AT(arch_exit, "call-form-crash", "UHY-CALL-061", "other forms of a store crash")
{
	if (vcpu->run->exit_reason == KVM_EXIT_ARM_NISV)
		abort();
	return REAL(arch_exit);
}

AT(arch_exit, "exit-off", "UHY-EXIT-034", "switching off is success")
{
	vcpu->call.exit_code = 0;
	return vcpu->run->exit_reason == KVM_EXIT_SYSTEM_EVENT
		       ? CALL_EXIT
		       : REAL(arch_exit);
}

/* ---- State at entry ----------------------------------------------------------- */

#define ENTRY(name, id, what, reg, value, ...)                                 \
	AT(arch_vcpu_entry, name, id, what, ##__VA_ARGS__)                     \
	{                                                                      \
		int result = __real_arch_vcpu_entry(vcpu, boot, why);          \
		register_set(vcpu, reg, value);                                \
		return result;                                                 \
	}
ENTRY("boot-numbers", "UHY-BOOT-042", "the numbers of vCPUs are others", X(1),
      vcpu->index ^ (vcpu->index ? 6 : 0))
ENTRY("boot-sgi-targets", "UHY-BOOT-125",
      "the affinities of the second and third vCPU are swapped", X(1),
      vcpu->index == 1 || vcpu->index == 2 ? 3 - vcpu->index : vcpu->index)
ENTRY("boot-irq", "UHY-BOOT-051", "IRQ is not masked",
      REGISTER_CORE(regs.pstate), 0x345)
ENTRY("boot-47-bits", "UHY-BOOT-052", "addresses have 47 bits",
      REGISTER_TCR_EL1, register_get(vcpu, REGISTER_TCR_EL1) + 1)
ENTRY("boot-caches-off", "UHY-BOOT-176", "SCTLR_EL1.C is clear",
      REGISTER_SCTLR_EL1,
      register_get(vcpu, REGISTER_SCTLR_EL1) & ~UINT64_C(0x4))
ENTRY("boot-walks", "UHY-BOOT-177", "table walks are not cached",
      REGISTER_TCR_EL1, register_get(vcpu, REGISTER_TCR_EL1) & ~UINT64_C(0xf00))
ENTRY("boot-vectors-trap", "UHY-BOOT-054", "floating point traps",
      REGISTER_CPACR_EL1, 0)
ENTRY("boot-sp", "UHY-BOOT-055", "the stack is in the image",
      REGISTER_CORE(sp_el1), boot->image_start)

#define REGISTER_MPIDR_EL1 ARM64_SYS_REG(3, 0, 0, 0, 5)
ENTRY("boot-affinity", "UHY-BOOT-124", "the number is affinity 1",
      REGISTER_MPIDR_EL1, 0x80000000 | vcpu->index << 8)
ENTRY("boot-mair", "UHY-BOOT-123", "memory type 0 is another device",
      REGISTER_MAIR_EL1, UINT64_C(0xff440c0404))

/* The virtual timer has an interrupt that no node names. */
AT(arch_vcpu_entry, "boot-timer-moved", "UHY-BOOT-126",
   "the timer interrupts elsewhere")
{
	int interrupt = 25, result = REAL(arch_vcpu_entry);
	struct kvm_device_attr attr = {.group = KVM_ARM_VCPU_TIMER_CTRL,
				       .attr = KVM_ARM_VCPU_TIMER_IRQ_VTIMER,
				       .addr = (uintptr_t)&interrupt};

	ioctl(vcpu->fd, KVM_SET_DEVICE_ATTR, &attr);
	return result;
}

/* EL1 on the stack pointer of EL0. */
AT(arch_vcpu_entry, "boot-sp-el0", "UHY-BOOT-050",
   "the stack pointer is that of EL0")
{
	int result = REAL(arch_vcpu_entry);

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
#define TABLES(name, id, what, statement)                                      \
	AT(boot_write, name, id, what)                                         \
	{                                                                      \
		int result = REAL(boot_write);                                 \
		statement;                                                     \
		return result;                                                 \
	}

/* The tables of the numbers are the first three after the root. */
enum { ROOT_TABLE, NUMBERS_L1, NUMBERS_L2, NUMBERS_L3 };
TABLES("boot-cached", "UHY-BOOT-053", "the numbers are normal memory",
       *entry_of(boot, ram, NUMBERS_L3,
		 1) = (*entry_of(boot, ram, NUMBERS_L3, 1) & ~28ull) | 4 << 2)
TABLES("boot-zero", "UHY-BOOT-132", "address 0 is mapped",
       *entry_of(boot, ram, NUMBERS_L3, 0) = *entry_of(boot, ram, NUMBERS_L3,
						       1) &
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
TABLES("boot-tables", "UHY-BOOT-120",
       "entries that name tables have no attributes of a page",
       bare_links(boot, ram))

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
TABLES("boot-uncached", "UHY-BOOT-122", "the image is not cached",
       change_pages(boot, ram, 7 << 2, 3 << 2))

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
TABLES("boot-blocks", "UHY-BOOT-121", "RAM is mapped by a block of 2 MiB",
       use_block(boot, ram))

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
TABLES("boot-gic-v2", "UHY-BOOT-127", "the tree tells of another controller",
       edit_tree(boot, ram, "arm,gic-v3", "arm,gic-v2", 10))
TABLES("boot-timer-node", "UHY-BOOT-129", "the timer's node is another's",
       edit_tree(boot, ram, "arm,armv8-timer", "arm,armv9-timer", 15))
/* The redistributors without the first one. */
TABLES("boot-redistributors", "UHY-BOOT-128",
       "the redistributors begin with the second",
       edit_tree(boot, ram, "\0\0\0\0\x08\x0a\0", "\0\0\0\0\x08\x0c\0", 7))

#else
typedef int nothing_here;
#endif
