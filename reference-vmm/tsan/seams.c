/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * For the build with ThreadSanitizer only. Its reports go where TSAN_OPTIONS says
 * (log_path); the first one that concerns memory of the VMM's own ends the program with
 * a line. vCPUs that use the same guest memory at a time are the guest's matter.
 *
 * The sanitizer needs files and calls that the sandbox forbids: it is left out.
 * TSAN_PLANTED in the environment adds a race, to see that it is found.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "../seams/no_sandbox.h"
#include "descriptors.h"
#include "vm.h"

#define STATUS 66

int __tsan_get_report_data(void *report, const char **description, int *count,
			   int *stacks, int *mops, int *locs, int *mutexes,
			   int *threads, int *unique, void **trace,
			   unsigned long trace_size);
int __tsan_get_report_mop(void *report, unsigned long index, int *thread,
			  void **address, int *size, int *write, int *atomic,
			  void **trace, unsigned long trace_size);
void __tsan_on_report(void *report);
const char *__tsan_default_options(void);

int __real_vm_create(struct vm *vm, const struct boot *boot, unsigned vcpus,
		     struct why *why);
int __wrap_vm_create(struct vm *vm, const struct boot *boot, unsigned vcpus,
		     struct why *why);
struct descriptor *__real_descriptors_get(struct descriptors *table,
					  int32_t fd);
struct descriptor *__wrap_descriptors_get(struct descriptors *table,
					  int32_t fd);

static const char *ram, *ram_end; /* on the host */
static const char *planted;

int __wrap_vm_create(struct vm *vm, const struct boot *boot, unsigned vcpus,
		     struct why *why)
{
	int error = __real_vm_create(vm, boot, vcpus, why);

	planted = getenv("TSAN_PLANTED");
	ram = vm->ram.host;
	ram_end = ram + vm->ram.size;
	return error;
}

struct descriptor *__wrap_descriptors_get(struct descriptors *table, int32_t fd)
{
	static unsigned uses;

	if (planted)
		uses++;
	return __real_descriptors_get(table, fd);
}

/* Reports of guest memory do not change how the program ends. */
const char *__tsan_default_options(void)
{
	return "exitcode=0";
}

/* After a report was written. A report without an access is never of guest memory. */
void __tsan_on_report(void *report)
{
	const char *what = "";
	int stacks, count, mops, locs, mutexes, threads, unique, unused;
	void *trace[1], *address;
	bool own;

	__tsan_get_report_data(report, &what, &count, &stacks, &mops, &locs,
			       &mutexes, &threads, &unique, trace, 1);
	own = mops == 0;
	for (int i = 0; i < mops; i++) {
		__tsan_get_report_mop(report, (unsigned long)i, &unused,
				      &address, &unused, &unused, &unused,
				      trace, 1);
		own = own || (const char *)address < ram ||
		      (const char *)address >= ram_end;
	}
	if (!own)
		return;
	fprintf(stderr, "ThreadSanitizer: %s in the VMM's own memory\n", what);
	_exit(STATUS);
}
