/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Helpers for tests with several vCPUs. Waiting ends after a while. */
#ifndef GUEST_CPUS_H
#define GUEST_CPUS_H

#include "test.h"

/* Another vCPU is done; whether that many are, after waiting for them. */
void cpu_arrive(void);
bool cpus_arrived(unsigned count);

/* Waits until that many other vCPUs began, whatever their numbers; false if not. */
bool cpus_began(unsigned count);

/* Waits until *flag is value; false when it takes too long. */
bool wait_for(const volatile uint32_t *flag, uint32_t value);

/* Waits until *turns changes: the other vCPU runs. False as above. */
bool turn_passes(const volatile uint32_t *turns);

/* A store that is seen after everything before it; a load seen before all after. */
void publish(volatile uint32_t *flag, uint32_t value);
uint32_t observe(const volatile uint32_t *flag);

/*
 * Takes up to 63 steps, another number of them each turn. Between two stores
 * that others are to see apart: an emulated processor may run whole loops at
 * once, and is interrupted only in between.
 */
static inline void linger(unsigned turn)
{
	for (unsigned left = turn * 29 % 64; left; left--)
		__asm__ volatile("");
}

#endif
