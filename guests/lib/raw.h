/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Memory by offset and size, for tests that must not lean on the header. */
#ifndef GUEST_RAW_H
#define GUEST_RAW_H

#include "test.h"

static inline void put(volatile uint8_t *block, unsigned offset, unsigned size,
		       uint64_t value)
{
	for (unsigned i = 0; i < size; i++)
		block[offset + i] = (uint8_t)(value >> (8 * i));
}

static inline uint64_t get(const volatile uint8_t *block, unsigned offset,
			   unsigned size)
{
	uint64_t value = 0;
	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)block[offset + i] << (8 * i);
	return value;
}

static inline uint64_t address(const volatile void *p)
{
	return (uint64_t)(uintptr_t)p;
}

#endif
