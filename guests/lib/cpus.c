/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "cpus.h"
#include "fdt.h"

/*
 * Another vCPU may not even have a thread yet, and a processor that runs the
 * guest directly looks a million times while the host starts one: waiting takes
 * about two seconds by the processor's counter.
 */
static uint64_t ticks(void)
{
	uint64_t value;
#if defined(__x86_64__)
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	value = (uint64_t)high << 32 | low;
#elif defined(__riscv)
	__asm__ volatile("rdtime %0" : "=r"(value)::"memory");
#else
	__asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value)::"memory");
#endif
	return value;
}

static uint64_t patience(void)
{
	uint64_t value = UINT64_C(1) << 32;
#if defined(__aarch64__)
	__asm__("mrs %0, cntfrq_el0" : "=r"(value));
	value *= 2;
#elif defined(__riscv)
	uint32_t len;
	const char *hertz = fdt_property("/cpus", "timebase-frequency", &len);
	if (hertz && len == 4)
		value = UINT64_C(2) * fdt_u32(hertz);
#endif
	return value;
}

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
	uint64_t begin = ticks(), limit = patience();
	do
		if (observe(&arrived) >= count)
			return true;
	while (ticks() - begin < limit);
	return false;
}

bool cpus_began(unsigned count)
{
	uint64_t begin = ticks(), limit = patience();
	do
		if (observe(&arrived) + observe(&guest_turned_away) >= count)
			return true;
	while (ticks() - begin < limit);
	return false;
}

bool turn_passes(const volatile uint32_t *turns)
{
	uint32_t now = observe(turns);
	uint64_t begin = ticks(), limit = patience();
	do
		if (observe(turns) != now)
			return true;
	while (ticks() - begin < limit);
	return false;
}

bool wait_for(const volatile uint32_t *flag, uint32_t value)
{
	uint64_t begin = ticks(), limit = patience();
	do
		if (observe(flag) == value)
			return true;
	while (ticks() - begin < limit);
	return false;
}
