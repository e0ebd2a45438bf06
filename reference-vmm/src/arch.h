/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Everything that differs between architectures. One folder for each holds the
 * functions below; nothing else in this program knows which one it is.
 */
#ifndef ARCH_H
#define ARCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boot.h"
#include "gmem.h"
#include "hypercall.h"
#include "message.h"

struct vcpu; /* vm.h */
struct vm;

/* Facts for loader and layout. Usable without KVM. */
struct arch {
	const char *name;
	uint16_t elf_machine;
	/* Relocation types: B + A, S + A and S + A. */
	uint32_t r_relative, r_abs64, r_glob_dat;
	unsigned max_vcpus;
	/*
	 * Where RAM of an image of interface 1 may lie, and where it ends at most
	 * at a random place: kernels of that time hold no address from there on.
	 */
	uint64_t v1_ram_first, v1_ram_end, v1_random_end;
	bool has_pci; /* what the boot information says */
	/*
	 * Of an entry of page tables (page_tables.h): what tells that it maps a
	 * page above the last level.
	 */
	uint64_t entry_page_mask, entry_page;
	/*
	 * With nested paging the processor's look-ups count as writes, since it
	 * sets accessed bits: a page table that is read-only for KVM would make
	 * it interpret every instruction.
	 */
	bool walks_write;
	/* What a vCPU needs besides KVM_RUN while it runs; 0 after the last. */
	const unsigned long *run_ioctls;
	const int *needed_caps; /* KVM_CAP_*, 0 after the last */
};
extern const struct arch arch;

/* ---- Guest memory (pure: tests and fuzzers use it on RAM of their own) -- */

/*
 * Writes what the processor needs before the first instruction: page tables
 * and, on x86-64, the GDT. RAM is zero where it writes.
 */
int arch_boot_memory(const struct gmem *ram, const struct boot *boot,
		     struct why *why);

/*
 * Adds nodes to the root of the device tree that is being built; 0 or -FDT_ERR.
 */
int arch_devicetree(void *fdt);

/* Extra properties of the node of a processor; 0 or -FDT_ERR. */
int arch_devicetree_cpu(void *fdt);

/* The end of what is mapped for the image at entry. */
uint64_t arch_mapped_end(const struct boot *boot);

/* ---- KVM ----------------------------------------------------------------- */

/*
 * The type of machine that KVM_CREATE_VM is asked for, -1 where this host has
 * none whose guest-physical addresses reach ram_end. kvm is as below.
 */
int64_t arch_vm_type(int kvm, uint64_t ram_end, struct why *why);

/* After KVM_CREATE_VM: interrupt controller and the like. */
int arch_vm_init(const struct vm *vm, struct why *why);

/*
 * After all vCPUs exist: everything about them that does not depend on where
 * the guest lies. kvm is the descriptor of /dev/kvm.
 */
int arch_vm_finish(const struct vm *vm, int kvm, struct why *why);

/* The registers of a vCPU at entry. */
int arch_vcpu_entry(const struct vcpu *vcpu, const struct boot *boot,
		    struct why *why);

/* Frequency of the counter that the guest reads, in kHz; 0: unknown. */
uint32_t arch_counter_khz(const struct vcpu *vcpu);

/*
 * Handles an exit of the kinds that are an architecture's own (port I/O, MMIO),
 * hypercalls among them; CALL_RESUME also for those that mean nothing.
 * CALL_UNKNOWN: not a kind that it knows.
 */
enum call_outcome arch_exit(struct vcpu *vcpu);

/*
 * The program counter for a diagnosis: at or right after the instruction in
 * question. Which of the two differs between hosts.
 */
uint64_t arch_program_counter(const struct vcpu *vcpu);

/* While judging: the next three work after every exit of the vCPU. */
void arch_watch_vcpu(const struct vcpu *vcpu);

/* Guest-physical address of the root of its page tables. */
uint64_t arch_table_root(const struct vcpu *vcpu);

uint64_t arch_stack_pointer(const struct vcpu *vcpu);

/*
 * What a vCPU does that was taken out of the guest, "it is halted with interrupts
 * off" for example; whether nothing but another vCPU can wake it.
 */
bool arch_explain_stop(const struct vcpu *vcpu, const char **what);

/* services.h guest_site; context is the struct vm. */
void arch_call_site(void *context, unsigned vcpu, struct call_site *site);

/*
 * Says in one phrase what an exit of a kind of the architecture's own means for
 * a guest that ends with it; false for other exits.
 */
bool arch_explain_exit(const struct vcpu *vcpu, char *to, size_t size);

/* services.h guest_walk; context is the struct vm. */
int arch_walk(void *context, unsigned vcpu, uint64_t gva,
	      struct uhyve_gpa *gpa);

#endif
