/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any arguments, environment and mounts: a tree that libfdt finds in order, or
 * one line that says why not. The input is strings, each with a NUL after it.
 */
#include <libfdt.h>

#include "boot.h"
#include "fuzz.h"

#define STRINGS 64

/* Cuts a copy of the input into strings; how many. */
static unsigned cut(char *copy, size_t size, const char *strings[STRINGS])
{
	unsigned count = 0;

	for (size_t at = 0; at < size && count < STRINGS;
	     at += strlen(copy + at) + 1)
		strings[count++] = copy + at;
	return count;
}

int fuzz_devicetree(const uint8_t *bytes, size_t size)
{
	const struct boot boot = {.ram_start = UINT64_C(1) << 32,
				  .ram_size = UINT64_C(64) << 20};
	const char *strings[STRINGS] = {""};
	struct why why = {.text = ""};
	char *copy = malloc(size + 1);

	PROMISE(copy);
	memcpy(copy, bytes, size);
	copy[size] = '\0';
	unsigned count = cut(copy, size, strings);
	unsigned quarter = count / 4;
	char *bootargs =
		bootargs_build(strings, quarter, strings + quarter, quarter,
			       strings + 2 * quarter, quarter);
	const struct boot_facts facts = {
		.mounts = strings + 3 * quarter,
		.mount_count = count - 3 * quarter,
		.bootargs = bootargs,
		.cpus = size ? bytes[0] : 1,
		.counter_khz = (uint32_t)size,
	};
	PROMISE(bootargs);
	uint8_t *tree = malloc(0x4000);
	PROMISE(tree);
	int used = devicetree_build(tree, 0x4000, &boot, &facts, &why);
	if (used < 0)
		PROMISE(why.text[0]);
	else
		PROMISE(used <= 0x4000 &&
			fdt_check_full(tree, (size_t)used) == 0);
	free(tree);
	free(bootargs);
	free(copy);
	return 0;
}
