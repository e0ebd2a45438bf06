/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The call instruction as the guest wrote it, which the hardware does not show:
 * read from guest memory, while judging or after the guest crashed.
 */
#ifndef AARCH64_FORM_H
#define AARCH64_FORM_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;

/* While judging: the rules for the store that left the guest (UHY-CALL-072). */
void form_judge(struct vcpu *vcpu);

/* A store that the hardware does not describe went to address. */
void form_judge_unknown(struct vcpu *vcpu, uint64_t address);

/*
 * The name of the call of which a store at pc misses the number, since the upper
 * bits of address are not zero (UHY-CALL-114); NULL for other instructions.
 */
const char *form_missed_call(const struct vcpu *vcpu, uint64_t pc,
			     uint64_t address);

#endif
