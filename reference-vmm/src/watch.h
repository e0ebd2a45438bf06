/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Guest memory while judging: parts of RAM are read-only or missing for KVM, so
 * that the first instruction that writes or touches them comes here. Nothing of
 * it exists without judging.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "boot.h"
#include "message.h"

struct vcpu;
struct vm;

/* After boot_write() and before the sandbox closes. */
int watch_start(struct vm *vm, const struct boot *boot, struct why *why);

/* KVM_RUN of a vCPU while memory is watched: as ioctl(). */
int watch_run(struct vcpu *vcpu);

/*
 * An access to RAM that KVM does not have: performs and judges it. False when
 * the address is not RAM.
 */
bool watch_access(struct vcpu *vcpu);

/*
 * An instruction whose effect is not known touched RAM at address. Judges it, and
 * opens that part of RAM; false where that changes nothing.
 */
bool watch_touched(struct vcpu *vcpu, uint64_t address);

/*
 * KVM could not continue, perhaps because an instruction of a kind that it does
 * not emulate touched what is watched. From now on nothing is; whether it makes
 * sense to try again.
 */
bool watch_give_up(struct vcpu *vcpu);

/* True if the page tables of the entry, which it runs on, no longer map its code. */
bool watch_is_lost(const struct vcpu *vcpu);

/* True if entries of the page tables at entry were overwritten. */
bool watch_tables_lost(const struct vm *vm);

#endif
