/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "form.h"

#include <inttypes.h>

#include "../arch.h"
#include "../page_tables.h"
#include "../services.h"
#include "../vm.h"
#include "platform.h"
#include "registers.h"

#define NUMBER_BITS 0xffffu /* of an address, that hold any number */
#define ARGUMENT 8u         /* the register of a call's argument */
#define SP 31u

/* A 64-bit store of one register without write-back. */
struct store {
	unsigned source;  /* register */
	uint64_t address; /* guest-virtual */
};

static bool instruction_at(const struct vcpu *vcpu, uint64_t pc,
			   uint32_t *instruction)
{
	struct uhyve_gpa gpa;

	return arch_walk(vcpu->vm, vcpu->index, pc, &gpa) == 0 &&
	       gmem_load(&vcpu->vm->ram, gpa, instruction,
			 sizeof(*instruction)) == 0;
}

static uint64_t register_value(const struct vcpu *vcpu, unsigned number)
{
	if (number == SP)
		return register_get(vcpu, REGISTER_CORE(sp_el1));
	return register_get(vcpu, REGISTER_CORE(regs.regs[0]) + 2u * number);
}

/* STR with an unsigned offset, STUR, STR with a register: no other form counts. */
static bool decode(const struct vcpu *vcpu, uint64_t pc, struct store *store)
{
	uint32_t code;

	if (!instruction_at(vcpu, pc, &code))
		return false;
	unsigned index = code >> 16 & 31, scale = code >> 12 & 1;
	uint64_t offset;
	if ((code & 0xffc00000) == 0xf9000000)
		offset = (code >> 10 & 0xfff) * 8;
	else if ((code & 0xffe00c00) == 0xf8000000)
		offset = (uint64_t)((int32_t)(code << 11) >> 23);
	else if ((code & 0xffe0ec00) == 0xf8206800) /* not extended */
		offset = index == SP ? 0
				     : register_value(vcpu, index)
					       << (scale ? 3 : 0);
	else
		return false;
	store->source = code & 31;
	store->address = register_value(vcpu, code >> 5 & 31) + offset;
	return true;
}

/* ---- UHY-CALL-073 ------------------------------------------------------------- */

#define SCTLR_MMU 1u
#define TCR_T0SZ 0x3fu
#define TCR_T0SZ_48_BITS 16u
#define TCR_TG0 0xc000u /* 0: 4 KiB */

/* True if address is mapped as device memory, or that cannot be told. */
static bool is_device(const struct vcpu *vcpu, uint64_t address)
{
	uint64_t tcr = register_get(vcpu, REGISTER_TCR_EL1);
	uint64_t leaf;

	if (!(register_get(vcpu, REGISTER_SCTLR_EL1) & SCTLR_MMU) ||
	    (tcr & TCR_T0SZ) != TCR_T0SZ_48_BITS || tcr & TCR_TG0 ||
	    !page_tables_walk(&vcpu->vm->ram, arch_table_root(vcpu), address,
			      &leaf))
		return true;
	unsigned index = leaf >> 2 & 7;
	return (register_get(vcpu, REGISTER_MAIR_EL1) >> 8 * index & 0xf0) == 0;
}

/* ---- Together ------------------------------------------------------------------- */

static void check(struct vcpu *vcpu, enum judge_rule rule, bool obeyed,
		  const char *what, uint64_t value)
{
	struct judge *judge = &vcpu->vm->services->judge;

	if (obeyed)
		judge_obeyed(judge, rule);
	else
		judge_broken(judge, rule, vcpu->index,
			     arch_program_counter(vcpu), NULL,
			     "the call instruction of 0x%llx: %s 0x%" PRIx64,
			     vcpu->run->mmio.phys_addr, what, value);
}

void form_judge(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;

	if (run->mmio.len != sizeof(uint64_t)) {
		check(vcpu, JUDGE_CALL_072, false, "the bytes stored are",
		      run->mmio.len);
		return;
	}
	struct store store;
	if (!decode(vcpu, arch_program_counter(vcpu), &store))
		return;
	check(vcpu, JUDGE_CALL_072, store.source == ARGUMENT,
	      "what is stored is not X8 but register", store.source);
	check(vcpu, JUDGE_CALL_114, store.address == run->mmio.phys_addr,
	      "it stores to another address than that number,", store.address);
	check(vcpu, JUDGE_CALL_073, is_device(vcpu, store.address),
	      "no device memory is mapped at", store.address);
}

void form_judge_unknown(struct vcpu *vcpu, uint64_t address)
{
	judge_broken(&vcpu->vm->services->judge, JUDGE_CALL_072, vcpu->index,
		     arch_program_counter(vcpu), NULL,
		     "a store to 0x%" PRIx64 " of a pair of registers, with "
		     "write-back, or of another form that the hardware does "
		     "not describe",
		     address);
}

const char *form_missed_call(const struct vcpu *vcpu, uint64_t pc,
			     uint64_t address)
{
	struct store store;

	if (!(address & ~(uint64_t)NUMBER_BITS) || !decode(vcpu, pc, &store) ||
	    store.source != ARGUMENT)
		return NULL;
	return uhyve_number_name(address & NUMBER_BITS);
}
