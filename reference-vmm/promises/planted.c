/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A mistake on purpose, to see that `make promises` notices it: the VMM keeps a MiB for
 * each vCPU and a byte for each 512 of guest RAM. The linker puts this function around
 * the VMM's own.
 */
#include <stdlib.h>
#include <string.h>

#include "vm.h"

#define MIB (1 << 20)

int __real_vm_create(struct vm *vm, const struct boot *boot, unsigned vcpus,
		     struct why *why);
int __wrap_vm_create(struct vm *vm, const struct boot *boot, unsigned vcpus,
		     struct why *why);

static char *volatile kept;

int __wrap_vm_create(struct vm *vm, const struct boot *boot, unsigned vcpus,
		     struct why *why)
{
	size_t size = (size_t)vcpus * MIB + (size_t)(boot->ram_size / 512);

	kept = malloc(size);
	if (!kept)
		return refuse(why, "out of memory");
	memset(kept, 1, size);
	return __real_vm_create(vm, boot, vcpus, why);
}
