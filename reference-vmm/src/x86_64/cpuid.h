/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* x86-64: what CPUID tells the guest. */
#ifndef CPUID_H
#define CPUID_H

#include "../vm.h"

/* Gives every vCPU what KVM supports on this host, under this VMM's name. */
int cpuid_set(const struct vm *vm, int kvm, struct why *why);

/* One entry of it. */
void cpuid_adjust(struct kvm_cpuid_entry2 *entry);

#endif
