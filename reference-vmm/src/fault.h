/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The messages on standard error if a guest cannot continue. */
#ifndef FAULT_H
#define FAULT_H

#include "judge/judge.h"
#include "vm.h"

/* The guest broke a rule in vcpu->call and no field of it can say so. */
void fault_report_call(const struct vcpu *vcpu);

/* KVM_RUN ended with a reason that is not a call, or failed with errno. */
void fault_report_exit(const struct vcpu *vcpu);
void fault_report_run(const struct vcpu *vcpu);

/* Why memory could not be accessed at address, and the rule that this breaks. */
struct fault_guess {
	enum judge_rule rule;
	const char *text; /* "; ..." or "" */
};
struct fault_guess fault_guess(const struct vcpu *vcpu, uint64_t address);

#endif
