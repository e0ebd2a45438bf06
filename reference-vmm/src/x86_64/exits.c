/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * x86-64: port I/O, among it the hypercalls, and accesses to memory that is not
 * there. The program counter is never looked at: whether it is at or behind the
 * instruction differs between hosts, and KVM moves it by itself.
 */
#include <string.h>

#include "../arch.h"
#include "../vm.h"

/*
 * PCI configuration, UHY-BOOT-110: without devices every read of the data gives
 * all ones. A kernel's scan is a thousand accesses and nobody's mistake, so
 * they are no unknown numbers in trace and statistics.
 */
#define PCI_CONFIG_ADDRESS 0xcf8
#define PCI_CONFIG_DATA_FIRST 0xcfc
#define PCI_CONFIG_DATA_LAST 0xcff

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

enum call_outcome arch_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	switch (run->exit_reason) {
	case KVM_EXIT_IO:
		return port_io(vcpu);
	case KVM_EXIT_MMIO:
		/* Nobody answers: a store is lost, a load gives zero. */
		memset(run->mmio.data, 0, sizeof(run->mmio.data));
		return CALL_RESUME;
	default:
		return CALL_UNKNOWN;
	}
}

/* All that end a guest are known to every architecture. */
bool arch_explain_exit(const struct vcpu *vcpu, char *to, size_t size)
{
	(void)vcpu;
	(void)to;
	(void)size;
	return false;
}
