/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The virtual machine as KVM knows it: memory and vCPUs, and how it runs and
 * ends. Functions that can fail for reasons of the host give -1 and say why.
 */
#ifndef VM_H
#define VM_H

#include <linux/kvm.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "boot.h"
#include "gmem.h"
#include "hypercall.h"
#include "message.h"

struct vcpu {
	struct vm *vm;
	unsigned index;
	int fd;
	struct kvm_run *run; /* shared with KVM */
	uint64_t last_pc;    /* at the last call, where hosts reset it; or 0 */
	/*
	 * 0 before it runs and after it stopped; then its thread may be kicked.
	 */
	atomic_int thread;
	struct call call;   /* the one being performed, or the last one */
	atomic_bool asleep; /* while judging, see patrol.c */
};

/*
 * What a program does when its machine has ended; it does not return. Where
 * quiet is false a vCPU is stuck in a call, which still uses the services.
 */
struct vm;
typedef void vm_finish(struct vm *vm, int status, bool quiet);

struct vm {
	int fd;
	struct gmem ram;
	struct vcpu *vcpus;
	unsigned vcpu_count;
	size_t run_size;           /* bytes of a vCPU's kvm_run mapping */
	const struct image *image; /* for symbols */
	uint64_t load;
	struct services *services;
	struct call_table table;
	struct watch *watch; /* NULL: nothing is watched */
	/* 0 while it runs, then VM_ENDED | exit status. Set once. */
	atomic_int ended;
	volatile int signal; /* that ended it, or 0 */
	volatile int
		died; /* enum status where the guest cannot continue, or 0 */
	volatile bool asleep; /* while judging: nothing can wake a vCPU */
	/* What follows the end; whoever sets finishing does it, once. */
	vm_finish *finish;
	atomic_bool finishing;
};

struct watch; /* of guest memory, while judging: watch.c */

#define VM_ENDED 0x100

/* Opens /dev/kvm and creates machine, RAM and vCPUs as boot says. */
int vm_create(struct vm *vm, const struct boot *boot, unsigned vcpus,
	      struct why *why);

/* Gives every vCPU its state at entry. */
int vm_set_entry(struct vm *vm, const struct boot *boot, struct why *why);

/*
 * From now on a signal that asks for the end of the program ends the machine,
 * before it runs, too. A second one, asked for later than an instant, ends the
 * program at once, whatever it does. crashed is called when a signal says that
 * this program itself is broken, before it ends by that signal.
 */
void vm_catch_signals(struct vm *vm, void (*crashed)(void));

/*
 * Takes every vCPU but the caller's out of the guest, for an instant. Any thread.
 */
void vm_kick_others(struct vm *vm);

/* While judging: ends the machine, for no vCPU will ever continue. */
void vm_end_asleep(struct vm *vm);

/*
 * Runs all vCPUs until one ends the machine; then calls vm->finish with the
 * exit status of the program. Other vCPUs no longer perform calls by then,
 * unless it says otherwise.
 */
_Noreturn void vm_run(struct vm *vm);

#endif
