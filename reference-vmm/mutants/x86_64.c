/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Mutants of the vCPU loop of x86-64: registers, widths, reads. */
#if defined(__x86_64__)
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

#include <uhyve_interface/boot.h>

#include "mutant.h"

#define REGS(vcpu) ((vcpu)->run->s.regs.regs)
#define SREGS(vcpu) ((vcpu)->run->s.regs.sregs)

static bool is_io(const struct vcpu *vcpu, unsigned direction)
{
	return vcpu->run->exit_reason == KVM_EXIT_IO &&
	       vcpu->run->io.direction == direction;
}

/* An OUT to the number of a call other than Exit and the console's. */
static bool is_file_call(const struct vcpu *vcpu)
{
	return is_io(vcpu, KVM_EXIT_IO_OUT) &&
	       vcpu->run->io.port >= UHYVE_FILE_WRITE &&
	       vcpu->run->io.port <= UHYVE_MKDIR;
}

/* ---- Registers ------------------------------------------------------------ */

AT(arch_exit, "call-rax", "UHY-CALL-004",
   "the argument is RAX when it is not 0")
{
	if (is_file_call(vcpu) && REGS(vcpu).rax)
		REGS(vcpu).rdi = REGS(vcpu).rax;
	return REAL(arch_exit);
}

AT(arch_exit, "call-rdx", "UHY-CALL-005", "all of RDX is the number")
{
	if (is_file_call(vcpu) && REGS(vcpu).rdx >> 16)
		return CALL_RESUME;
	return REAL(arch_exit);
}

AT(arch_exit, "call-not-8", "UHY-CALL-006", "an 8-bit OUT does nothing")
{
	if (is_file_call(vcpu) && vcpu->run->io.size == 1)
		return CALL_RESUME;
	return REAL(arch_exit);
}

AT(arch_exit, "call-not-16", "UHY-CALL-007", "a 16-bit OUT does nothing")
{
	if (is_file_call(vcpu) && vcpu->run->io.size == 2)
		return CALL_RESUME;
	return REAL(arch_exit);
}

AT(arch_exit, "call-if", "UHY-CALL-010",
   "nothing is done with interrupts enabled")
{
	if (is_file_call(vcpu) && REGS(vcpu).rflags & 0x200)
		return CALL_RESUME;
	return REAL(arch_exit);
}

/* The changed registers go to KVM with the next KVM_RUN. */
static enum call_outcome set_regs(struct vcpu *vcpu, enum call_outcome outcome)
{
	vcpu->run->kvm_dirty_regs |= KVM_SYNC_X86_REGS;
	return outcome;
}

AT(arch_exit, "call-r9", "UHY-CALL-020", "R9 becomes 0")
{
	enum call_outcome outcome = REAL(arch_exit);

	if (!is_file_call(vcpu))
		return outcome;
	REGS(vcpu).r9 = 0;
	return set_regs(vcpu, outcome);
}

AT(arch_exit, "call-carry", "UHY-CALL-021", "the carry flag flips")
{
	enum call_outcome outcome = REAL(arch_exit);

	if (!is_file_call(vcpu))
		return outcome;
	REGS(vcpu).rflags ^= 1;
	return set_regs(vcpu, outcome);
}

/* No test reports with SerialWriteByte, so three bytes can be skipped. */
AT(arch_exit, "call-skips", "UHY-CALL-026", "three bytes of code are skipped")
{
	enum call_outcome outcome = REAL(arch_exit);

	if (!is_io(vcpu, KVM_EXIT_IO_OUT) ||
	    vcpu->run->io.port != UHYVE_SERIAL_WRITE_BYTE)
		return outcome;
	REGS(vcpu).rip += 3;
	return set_regs(vcpu, outcome);
}

/* Special registers come along from the second exit on. */
static bool special(struct vcpu *vcpu)
{
	bool there = vcpu->run->kvm_valid_regs & KVM_SYNC_X86_SREGS;

	vcpu->run->kvm_valid_regs |= KVM_SYNC_X86_SREGS;
	if (!there || !is_file_call(vcpu))
		return false;
	vcpu->run->kvm_dirty_regs |= KVM_SYNC_X86_SREGS;
	return true;
}

AT(arch_exit, "call-cr2", "UHY-CALL-022", "CR2 becomes 0")
{
	if (special(vcpu))
		SREGS(vcpu).cr2 = 0;
	return REAL(arch_exit);
}

AT(arch_exit, "call-fs", "UHY-CALL-023", "the base of FS becomes 0")
{
	if (special(vcpu))
		SREGS(vcpu).fs.base = 0;
	return REAL(arch_exit);
}

/* An invalid opcode in a guest that can take it: interrupts are enabled. */
REPLACES(arch_exit, exception)
{
	bool there = vcpu->run->kvm_valid_regs & KVM_SYNC_X86_EVENTS;

	vcpu->run->kvm_valid_regs |= KVM_SYNC_X86_EVENTS;
	if (there && is_file_call(vcpu) && REGS(vcpu).rflags & 0x200) {
		vcpu->run->s.regs.events.exception.injected = 1;
		vcpu->run->s.regs.events.exception.nr = 6;
		vcpu->run->kvm_dirty_regs |= KVM_SYNC_X86_EVENTS;
	}
	return REAL(arch_exit);
}

/* ---- Reads and strings ---------------------------------------------------------- */

AT(arch_exit, "call-read-performs", "UHY-CALL-040", "a read performs the call")
{
	uint16_t port = vcpu->run->io.port;

	if (is_io(vcpu, KVM_EXIT_IO_IN) && port >= UHYVE_FILE_WRITE &&
	    port <= UHYVE_FILE_UNLINK) {
		vcpu->call.number = port;
		vcpu->call.argument = REGS(vcpu).rdi;
		__real_call_write(&vcpu->vm->table, &vcpu->call);
	}
	return REAL(arch_exit);
}

AT(arch_exit, "srbyte-read-writes", "UHY-SRBYTE-006", "a read writes memory")
{
	if (is_io(vcpu, KVM_EXIT_IO_IN) &&
	    vcpu->run->io.port == UHYVE_SERIAL_READ_BYTE)
		scribble(&vcpu->call, REGS(vcpu).rdi, 0x5b5b5b5b, 4);
	return REAL(arch_exit);
}

/* Twice the same instruction without another in between. */
AT(arch_exit, "call-string-crash", "UHY-CALL-060", "string output crashes")
{
	static uint64_t last;

	if (vcpu->run->exit_reason == KVM_EXIT_IO) {
		if (is_file_call(vcpu) && REGS(vcpu).rip == last)
			abort();
		last = REGS(vcpu).rip;
	}
	return REAL(arch_exit);
}

/* Version 1 with the register of version 2. */
AT(arch_exit, "v1-rdi", "UHY-V1-020", "the block is the one in RDI")
{
	uint32_t eax = (uint32_t)REGS(vcpu).rdi;

	if (is_io(vcpu, KVM_EXIT_IO_OUT) && eax &&
	    vcpu->run->io.port == UHYVE_V1_FILE_CLOSE)
		memcpy((uint8_t *)vcpu->run + vcpu->run->io.data_offset, &eax,
		       sizeof(eax));
	return REAL(arch_exit);
}

/* One bit of XMM5 flips in a call. */
AT(arch_exit, "call-xmm5", "UHY-CALL-024", "XMM5 changes",
   .sandbox_enter = stays_outside)
{
	enum call_outcome outcome = REAL(arch_exit);
	struct kvm_fpu fpu;

	if (is_file_call(vcpu) && ioctl(vcpu->fd, KVM_GET_FPU, &fpu) == 0) {
		fpu.xmm[5][3] ^= 1;
		ioctl(vcpu->fd, KVM_SET_FPU, &fpu);
	}
	return outcome;
}

/* ---- What a kernel finds ------------------------------------------------------ */

AT(arch_exit, "boot-pci-device", "UHY-BOOT-110",
   "an absent PCI device reads as zeros")
{
	enum call_outcome outcome = REAL(arch_exit);

	if (is_io(vcpu, KVM_EXIT_IO_IN) && vcpu->run->io.port == 0xcfc)
		memset((uint8_t *)vcpu->run + vcpu->run->io.data_offset, 0, 4);
	return outcome;
}

/* A leaf of CPUID, and MISC_ENABLE, are changed before the vCPU starts. */
#define MISC_ENABLE 0x1a0
#define SPEEDSTEP_ENABLED (1u << 16)
static void set_misc_enable(const struct vcpu *vcpu, uint64_t value)
{
	struct {
		uint32_t nmsrs, pad;
		struct kvm_msr_entry entry;
	} msrs = {1, 0, {.index = MISC_ENABLE, .data = value}};

	ioctl(vcpu->fd, KVM_SET_MSRS, &msrs);
}
#define LEAF(name, id, what, number, change, misc)                             \
	AT(arch_vcpu_entry, name, id, what)                                    \
	{                                                                      \
		static struct {                                                \
			struct kvm_cpuid2 head;                                \
			struct kvm_cpuid_entry2 entries[256];                  \
		} cpuid;                                                       \
		cpuid.head.nent = 256;                                         \
		if (ioctl(vcpu->fd, KVM_GET_CPUID2, &cpuid) == 0)              \
			for (unsigned i = 0; i < cpuid.head.nent; i++)         \
				if (cpuid.entries[i].function == (number))     \
					cpuid.entries[i].change;               \
		ioctl(vcpu->fd, KVM_SET_CPUID2, &cpuid);                       \
		set_misc_enable(vcpu, misc);                                   \
		return __real_arch_vcpu_entry(vcpu, boot, why);                \
	}
/* Without its feature bit KVM's timer does not know the mode. */
LEAF("boot-deadline", "UHY-BOOT-111", "the timer lacks TSC-deadline mode", 1,
     ecx &= ~(1u << 24), 1)
LEAF("boot-leaves", "UHY-BOOT-140", "CPUID ends with leaf 1", 0, eax = 1, 1)
LEAF("boot-speedstep", "UHY-BOOT-180",
     "Enhanced SpeedStep is reported and enabled", 1, ecx |= 1u << 7,
     SPEEDSTEP_ENABLED)

/* Segments and APIC are changed after the vCPU has its state. */
#define CONTROL(name, id, what, statement)                                     \
	AT(arch_vcpu_entry, name, id, what)                                    \
	{                                                                      \
		int result = REAL(arch_vcpu_entry);                            \
		struct kvm_sregs sregs;                                        \
		if (ioctl(vcpu->fd, KVM_GET_SREGS, &sregs) == 0) {             \
			statement;                                             \
			ioctl(vcpu->fd, KVM_SET_SREGS, &sregs);                \
		}                                                              \
		return result;                                                 \
	}
CONTROL("boot-gs", "UHY-BOOT-178", "the base of GS is 4096",
	sregs.gs.base = 4096)
CONTROL("boot-apic-off", "UHY-BOOT-179", "the local APIC is not enabled",
	sregs.apic_base &= ~UINT64_C(0x800))

AT(arch_exit, "boot-interval-timer", "UHY-BOOT-182",
   "a write to the interval timer crashes")
{
	if (is_io(vcpu, KVM_EXIT_IO_OUT) && vcpu->run->io.port == 0x43)
		abort();
	return REAL(arch_exit);
}

/* The second vCPU has the number of the third, and the other way round. */
AT(arch_vcpu_entry, "boot-apic-numbers", "UHY-BOOT-112",
   "the local APICs of the second and third vCPU are swapped")
{
	int result = REAL(arch_vcpu_entry);
	struct kvm_regs regs;
	if ((vcpu->index == 1 || vcpu->index == 2) &&
	    ioctl(vcpu->fd, KVM_GET_REGS, &regs) == 0) {
		regs.rsi = 3 - vcpu->index;
		ioctl(vcpu->fd, KVM_SET_REGS, &regs);
	}
	return result;
}

/* boot_write, and then the tables are spoilt. */
#define TABLES(name, id, what, statement)                                      \
	AT(boot_write, name, id, what)                                         \
	{                                                                      \
		int result = REAL(boot_write);                                 \
		statement;                                                     \
		return result;                                                 \
	}

static uint64_t *table_entry(const struct boot *boot, const struct gmem *ram,
			     unsigned table, unsigned index)
{
	uint64_t at = boot->ram_start + UHYVE_BOOT_PAGE_TABLES + table * 4096 +
		      index * 8;
	return __real_gmem_at(ram, (struct uhyve_gpa){at}, 8);
}

/* The top of the address space shows a copy of the root, in the last table. */
static void copy_root(const struct boot *boot, const struct gmem *ram)
{
	unsigned last =
		(UHYVE_BOOT_PAGE_TABLES_END - UHYVE_BOOT_PAGE_TABLES) / 4096 -
		1;
	uint64_t *copy = table_entry(boot, ram, last, 0);
	uint64_t *root = table_entry(boot, ram, 0, 0);
	root[511] += last * UINT64_C(4096);
	memcpy(copy, root, 4096);
}
TABLES("boot-tables", "UHY-BOOT-120",
       "a copy of the tables is what can be changed", copy_root(boot, ram))
/* The first gigabyte as one page; its table is the first after the root. */
TABLES("boot-zero", "UHY-BOOT-132", "address 0 is mapped",
       *table_entry(boot, ram, 1, 0) = 0x83)

/* The root's entry for RAM names a copy of its table that nothing maps. */
static void hide_table(const struct boot *boot, const struct gmem *ram)
{
	uint64_t hidden = boot->ram_start + boot->ram_size - 4096;
	uint64_t *to = __real_gmem_at(ram, (struct uhyve_gpa){hidden}, 4096);
	uint64_t *entry =
		table_entry(boot, ram, 0, boot->ram_start >> 39 & 511);
	uint64_t from = *entry & UINT64_C(0xffffffffff000);
	memcpy(to, __real_gmem_at(ram, (struct uhyve_gpa){from}, 4096), 4096);
	*entry = hidden | 3;
}
TABLES("boot-identity", "UHY-BOOT-163", "a table is not mapped where it lies",
       hide_table(boot, ram))

/* An old kernel finds all of its gigabyte but the last large page. */
static void unmap_last(const struct boot *boot, const struct gmem *ram)
{
	const uint64_t gib = UINT64_C(1) << 30, large = UINT64_C(2) << 20;
	uint64_t last = (boot->image_start & ~(gib - 1)) + gib - large;
	unsigned entries =
		(UHYVE_BOOT_PAGE_TABLES_END - UHYVE_BOOT_PAGE_TABLES) / 8;
	for (unsigned i = 0; boot->whole_gigabytes && i < entries; i++) {
		uint64_t *entry = table_entry(boot, ram, 0, i);
		if ((*entry & UINT64_C(0xffffffffff000)) == last &&
		    *entry & 0x80)
			*entry = 0;
	}
}
TABLES("boot-gigabyte-last", "UHY-BOOT-057",
       "the last large page of the gigabyte is not mapped",
       unmap_last(boot, ram))

MUTANT("call-exception", "UHY-CALL-027", "the guest gets an exception",
       .arch_exit = exception);
#else
typedef int nothing_here;
#endif
