/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * While judging: a guest of which every vCPU waits for what cannot come is ended,
 * instead of at the time limit of whoever started it.
 */
#ifndef PATROL_H
#define PATROL_H

struct vcpu;
struct vm;

/* Looks at all vCPUs now and then, on a thread of its own. */
void patrol_start(struct vm *vm);

/* A vCPU was taken out of the guest: notes whether it sleeps for ever. */
void patrol_pass(struct vcpu *vcpu);

#endif
