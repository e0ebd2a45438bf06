/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"

#define PATIENCE 3000000u /* looks at a flag */

static volatile uint32_t arrived;

void publish(volatile uint32_t *flag, uint32_t value)
{
	__atomic_store_n(flag, value, __ATOMIC_RELEASE);
}

uint32_t observe(const volatile uint32_t *flag)
{
	return __atomic_load_n(flag, __ATOMIC_ACQUIRE);
}

void cpu_arrive(void)
{
	__atomic_fetch_add(&arrived, 1, __ATOMIC_ACQ_REL);
}

bool cpus_arrived(unsigned count)
{
	for (unsigned i = 0; i < PATIENCE; i++)
		if (observe(&arrived) >= count)
			return true;
	return false;
}

bool wait_for(const volatile uint32_t *flag, uint32_t value)
{
	for (unsigned i = 0; i < PATIENCE; i++)
		if (observe(flag) == value)
			return true;
	return false;
}
