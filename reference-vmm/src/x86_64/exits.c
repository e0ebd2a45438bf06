/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86-64: port I/O, among it the hypercalls, and accesses to memory that is not
 * there. The program counter is never looked at: whether it is at or after the
 * instruction differs between hosts, and KVM moves it by itself.
 */
#include <inttypes.h>
#include <string.h>

#include "../arch.h"
#include "../services.h"
#include "../vm.h"
#include "../watch.h"

/*
 * PCI configuration, UHY-BOOT-110: without devices every read of the data gives
 * all ones. A kernel's scan is a thousand accesses and not a mistake, so
 * they are not unknown numbers in trace and statistics.
 */
#define PCI_CONFIG_ADDRESS 0xcf8
#define PCI_CONFIG_DATA_FIRST 0xcfc
#define PCI_CONFIG_DATA_LAST 0xcff

/* One byte at a guest-virtual address; false where there is no RAM. */
static bool guest_byte(const struct vcpu *vcpu, uint64_t gva, uint8_t *byte)
{
	struct uhyve_gpa gpa;
	return arch_walk(vcpu->vm, vcpu->index, gva, &gpa) == 0 &&
	       gmem_load(&vcpu->vm->ram, gpa, byte, 1) == 0;
}

/*
 * One OUT, or one element of a REP OUTS: size is 1, 2 or 4 bytes. The argument
 * is RDI; version 1 takes what was put out, which is EAX.
 */
static enum call_outcome out(struct vcpu *vcpu, uint16_t port,
			     const uint8_t *data, unsigned size)
{
	struct call *call = &vcpu->call;
	if (port >= PCI_CONFIG_ADDRESS && port <= PCI_CONFIG_DATA_LAST)
		return CALL_RESUME;
	call->number = port;
	call->argument = vcpu->run->s.regs.regs.rdi;
	if (call_is_legacy(port)) {
		uint32_t value = 0;
		memcpy(&value, data, size);
		call->argument = value;
	}
	return call_write(&vcpu->vm->table, call);
}

static enum call_outcome in(struct vcpu *vcpu, uint16_t port, uint8_t *data,
			    unsigned size)
{
	struct call *call = &vcpu->call;
	if (port >= PCI_CONFIG_DATA_FIRST && port <= PCI_CONFIG_DATA_LAST) {
		memset(data, 0xff, size);
		return CALL_RESUME;
	}
	call->number = port;
	enum call_outcome outcome = call_read(&vcpu->vm->table, call);
	memcpy(data, &call->read_value, size);
	return outcome;
}

/* KVM may deliver several elements of string I/O at once: each counts. */
static enum call_outcome port_io(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;
	uint16_t port = run->io.port;
	unsigned size = run->io.size, count = run->io.count;
	uint8_t *data = (uint8_t *)vcpu->run + run->io.data_offset;
	bool is_out = run->io.direction == KVM_EXIT_IO_OUT;

	for (unsigned i = 0; i < count; i++, data += size) {
		enum call_outcome outcome = is_out ? out(vcpu, port, data, size)
						   : in(vcpu, port, data, size);
		if (outcome != CALL_RESUME && outcome != CALL_UNKNOWN)
			return outcome;
	}
	return CALL_RESUME;
}

/* True if the byte is of a plain OUT or IN, or of one on strings. */
static bool is_plain(uint8_t opcode)
{
	return (opcode & 0xfc) == 0xe4 || (opcode & 0xfc) == 0xec;
}
static bool is_string(uint8_t opcode)
{
	return (opcode & 0xfc) == 0x6c;
}

/* Looks at the instruction: at the program counter, or right before it. */
static bool on_string(const struct vcpu *vcpu, uint64_t pc)
{
	static const uint8_t prefixes[] = {0x66, 0x67, 0xf2, 0xf3};
	uint8_t before = 0, at = 0;
	guest_byte(vcpu, pc - 1, &before);
	do
		guest_byte(vcpu, pc++, &at);
	while (memchr(prefixes, at, sizeof(prefixes)));
	return !is_plain(at) && !is_plain(before) &&
	       (is_string(at) || is_string(before));
}

/*
 * Below 4 GiB lie the tables of firmware, which kernels search for, and the
 * interrupt controllers: no mistake of theirs.
 */
#define FIRMWARE_END 0x100000
#define DEVICES_FIRST 0xfec00000
#define DEVICES_END 0x100000000

/* No device answers: a store is lost, a load gives zero. */
static void stray(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	uint64_t address = run->mmio.phys_addr;
	memset(run->mmio.data, 0, sizeof(run->mmio.data));
	if (address >= FIRMWARE_END &&
	    (address < DEVICES_FIRST || address >= DEVICES_END))
		judge_broken(&vcpu->vm->services->judge, JUDGE_STRAY,
			     vcpu->index, arch_program_counter(vcpu), NULL,
			     "a %s of %u bytes at 0x%" PRIx64,
			     run->mmio.is_write ? "write" : "read",
			     run->mmio.len, address);
}

void arch_call_site(void *context, unsigned index, struct call_site *site)
{
	const struct vm *vm = context;
	const struct vcpu *vcpu = &vm->vcpus[index];
	const struct kvm_run *run = vcpu->run;
	site->pc = arch_program_counter(vcpu);
	site->sp = run->s.regs.regs.rsp;
	site->accumulator = run->s.regs.regs.rax;
	site->width = run->exit_reason == KVM_EXIT_IO ? run->io.size : 0;
	site->string = on_string(vcpu, site->pc);
}

enum call_outcome arch_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		/* Some hosts reset the registers on a triple fault. */
		vcpu->last_pc = run->s.regs.regs.rip;
		return port_io(vcpu);
	case KVM_EXIT_MMIO:
		if (vcpu->vm->watch && watch_access(vcpu))
			return CALL_RESUME;
		stray(vcpu);
		return CALL_RESUME;
	default:
		return vcpu->vm->watch && watch_give_up(vcpu) ? CALL_RESUME
							      : CALL_UNKNOWN;
	}
}
