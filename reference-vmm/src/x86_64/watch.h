/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Guest memory while judging: parts of RAM are read-only or missing for KVM, so
 * that the first instruction that writes or touches them comes here.
 */
#ifndef WATCH_H
#define WATCH_H

#include <stdbool.h>

struct vcpu;
struct vm;

/*
 * An access to RAM that KVM does not have: performs and judges it. False when
 * the address is not RAM.
 */
bool watch_access(struct vcpu *vcpu);

/*
 * KVM could not continue, perhaps because an instruction of a kind that it does not
 * emulate touched what is watched. From now on nothing is; whether it makes
 * sense to try again.
 */
bool watch_failure(struct vcpu *vcpu);

/* True if entries of the page tables at entry were overwritten. */
bool watch_tables_lost(const struct vm *vm);

#endif
