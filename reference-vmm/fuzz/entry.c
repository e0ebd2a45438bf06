/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * libFuzzer's entry point for the target FUZZ, with what one input may cost:
 * SECURITY.md's bound of memory, and processor time.
 */
#include <stdatomic.h>
#include <time.h>

#include "fuzz.h"

/* Bytes of memory at a time: 4 MiB, and as much again for the target itself. */
#define MOST_MEMORY ((int64_t)8 << 20)
/* Seconds; with sanitizers, and on a machine that is busy. */
#define MOST_TIME 10

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Of the sanitizers; a fuzzer without them counts nothing. */
extern size_t __sanitizer_get_allocated_size(const volatile void *memory)
	__attribute__((weak));
extern int __sanitizer_install_malloc_and_free_hooks(
	void (*allocated)(const volatile void *, size_t),
	void (*freed)(const volatile void *)) __attribute__((weak));

static _Atomic int64_t used, most;
static atomic_bool counting;

static void allocated(const volatile void *memory, size_t size)
{
	(void)memory;
	if (!counting)
		return;
	int64_t now = atomic_fetch_add(&used, (int64_t)size) + (int64_t)size;
	if (now > most)
		most = now;
}

static void freed(const volatile void *memory)
{
	if (counting && memory)
		atomic_fetch_sub(
			&used, (int64_t)__sanitizer_get_allocated_size(memory));
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static bool hooked;
	double begin = seconds();

	if (!hooked && __sanitizer_install_malloc_and_free_hooks &&
	    __sanitizer_get_allocated_size)
		__sanitizer_install_malloc_and_free_hooks(allocated, freed);
	hooked = true;
	used = most = 0;
	counting = true;
	int result = FUZZ(bytes, size);
	counting = false;
	PROMISE(most <= MOST_MEMORY);
	PROMISE(seconds() - begin <= MOST_TIME);
	return result;
}
