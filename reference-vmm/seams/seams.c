/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The linker's --wrap puts each seam between the VMM's object files. */
#include "seams.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

extern const struct variant_area *const __start_variant_areas[];
extern const struct variant_area *const __stop_variant_areas[];

static const struct variant *chosen[VARIANTS_MAX];
static unsigned chosen_count;
static _Thread_local const struct variant *running;
static atomic_uint counter;

const struct variant *variants_at(unsigned n)
{
	for (const struct variant_area *const *area = __start_variant_areas;
	     area < __stop_variant_areas; n -= (*area++)->count)
		if (n < (*area)->count)
			return &(*area)->rows[n];
	return NULL;
}

const struct variant *variants_find(const char *name)
{
	const struct variant *variant;

	for (unsigned n = 0; (variant = variants_at(n)); n++)
		if (strcmp(variant->name, name) == 0)
			return variant;
	return NULL;
}

void variants_choose(const struct variant *variant)
{
	if (chosen_count == VARIANTS_MAX)
		abort();
	chosen[chosen_count++] = variant;
}

const struct variant *variants_running(void)
{
	return running;
}

unsigned times(void)
{
	return atomic_fetch_add(&counter, 1) + 1;
}

void scribble(const struct call *call, uint64_t gpa, uint64_t value, size_t len)
{
	gmem_store(&call->services->mem, (struct uhyve_gpa){gpa}, &value, len);
}

/* ---- Handlers ------------------------------------------------------------ */

void __real_call_table_init(struct call_table *table);
void __wrap_call_table_init(struct call_table *table);

static const struct call_table *table_in_use;
static call_perform
	*originals[sizeof(table_in_use->rows) / sizeof(table_in_use->rows[0])];
/* The first variant of those after the handler that runs. */
static _Thread_local unsigned behind_handler;

static bool handles(const struct variant *variant, uint64_t number)
{
	return variant->perform && variant->number == number;
}

/* In the table it is the handler itself: nothing runs, all are after it. */
enum call_outcome original(struct call *call)
{
	const struct variant *outer = running;
	const unsigned here = behind_handler;
	call_perform *perform = originals[call->row - table_in_use->rows];
	unsigned next = here;
	enum call_outcome outcome;

	while (next < chosen_count && !handles(chosen[next], call->row->number))
		next++;
	if (next < chosen_count) {
		running = chosen[next];
		perform = chosen[next]->perform;
	}
	behind_handler = next < chosen_count ? next + 1 : 0;
	outcome = perform(call);
	behind_handler = here;
	running = outer;
	return outcome;
}

void __wrap_call_table_init(struct call_table *table)
{
	__real_call_table_init(table);
	table_in_use = table;
	for (unsigned i = 0; i < table->count; i++) {
		originals[i] = table->rows[i].perform;
		for (unsigned k = 0; k < chosen_count; k++)
			if (handles(chosen[k], table->rows[i].number))
				table->rows[i].perform = original;
	}
}

/* ---- Seams --------------------------------------------------------------- */

#define SEAM_ENTER(name)                                                       \
	static _Thread_local unsigned behind;                                  \
	const struct variant *outer = running;                                 \
	const unsigned here = behind;                                          \
	unsigned next = here;                                                  \
	while (next < chosen_count && !chosen[next]->name)                     \
		next++;                                                        \
	const struct variant *const variant =                                  \
		next < chosen_count ? chosen[next] : NULL;                     \
	running = variant;                                                     \
	behind = variant ? next + 1 : 0;
#define SEAM_LEAVE                                                             \
	behind = here;                                                         \
	running = outer;

/*
 * One line a seam: its name, result, parameters, and how to pass them on. Goes
 * through the chosen variants, and continues after the one that calls it
 * again.
 */
#define SEAM(name, result, parameters, arguments)                              \
	result __wrap_##name parameters;                                       \
	result __wrap_##name parameters                                        \
	{                                                                      \
		SEAM_ENTER(name)                                               \
		result value = variant ? variant->name arguments               \
				       : __real_##name arguments;              \
		SEAM_LEAVE                                                     \
		return value;                                                  \
	}

SEAM(call_write, enum call_outcome,
     (const struct call_table *table, struct call *call), (table, call))
SEAM(call_read, enum call_outcome,
     (const struct call_table *table, struct call *call), (table, call))
SEAM(gmem_at, void *,
     (const struct gmem *mem, struct uhyve_gpa gpa, uint64_t len),
     (mem, gpa, len))
SEAM(gmem_load, int,
     (const struct gmem *mem, struct uhyve_gpa gpa, void *to, size_t len),
     (mem, gpa, to, len))
SEAM(gmem_string, ptrdiff_t,
     (const struct gmem *mem, struct uhyve_gpa gpa, char *to, size_t size),
     (mem, gpa, to, size))
SEAM(path_clean, int, (const char *path, char *clean), (path, clean))
SEAM(path_below, const char *, (const char *path, const char *dir), (path, dir))
SEAM(console_read, ssize_t,
     (struct console * console, void *to, size_t len, bool wait),
     (console, to, len, wait))
SEAM(names_open, int,
     (const struct names *names, const char *path, int flags, mode_t mode),
     (names, path, flags, mode))
SEAM(names_unlink, int, (const struct names *names, const char *path),
     (names, path))
SEAM(names_mkdir, int, (const struct names *names, const char *path),
     (names, path))
SEAM(names_stat, int,
     (const struct names *names, const char *path, bool follow,
      struct stat *st),
     (names, path, follow, st))
SEAM(files_read, int64_t,
     (struct files * files, int32_t fd, void *to, size_t len),
     (files, fd, to, len))
SEAM(files_write, int64_t,
     (struct files * files, int32_t fd, const void *from, size_t len),
     (files, fd, from, len))
SEAM(files_lseek, int64_t,
     (struct files * files, int32_t fd, int64_t offset, uint32_t whence),
     (files, fd, offset, whence))
SEAM(files_getdents, int64_t,
     (struct files * files, int32_t fd, void *to, size_t len),
     (files, fd, to, len))
SEAM(files_fstat, int, (struct files * files, int32_t fd, struct stat *st),
     (files, fd, st))
SEAM(descriptors_reserve, int, (struct descriptors * table), (table))
SEAM(descriptors_close, int, (struct descriptors * table, int32_t fd),
     (table, fd))
SEAM(descriptors_get, struct descriptor *,
     (struct descriptors * table, int32_t fd), (table, fd))
SEAM(vm_create, int,
     (struct vm * vm, const struct boot *boot, unsigned vcpus, struct why *why),
     (vm, boot, vcpus, why))
SEAM(arch_boot_memory, int,
     (const struct gmem *ram, const struct boot *boot, struct why *why),
     (ram, boot, why))
SEAM(pthread_create, int,
     (pthread_t * thread, const pthread_attr_t *attr, void *(*start)(void *),
      void *argument),
     (thread, attr, start, argument))
SEAM(sandbox_enter, int,
     (const struct names *names, bool strict, struct why *why),
     (names, strict, why))
SEAM(descriptors_add, int, (struct descriptors * table, int host),
     (table, host))
SEAM(arch_exit, enum call_outcome, (struct vcpu * vcpu), (vcpu))
SEAM(arch_vcpu_entry, int,
     (const struct vcpu *vcpu, const struct boot *boot, struct why *why),
     (vcpu, boot, why))
SEAM(image_parse, int, (struct image * image, struct why *why), (image, why))
SEAM(image_relocate, int,
     (const struct image *image, const struct gmem *ram, uint64_t load,
      struct why *why),
     (image, ram, load, why))
SEAM(boot_place, int,
     (struct boot * boot, const struct image *image, uint64_t memory,
      bool random, struct why *why),
     (boot, image, memory, random, why))
SEAM(boot_write, int,
     (const struct boot *boot, const struct image *image,
      const struct gmem *ram, const struct boot_facts *facts, struct why *why),
     (boot, image, ram, facts, why))
SEAM(devicetree_build, int,
     (void *to, int size, const struct boot *boot,
      const struct boot_facts *facts, struct why *why),
     (to, size, boot, facts, why))

/* The same for those without a result. */
#define SEAM_VOID(name, parameters, arguments)                                 \
	void __wrap_##name parameters;                                         \
	void __wrap_##name parameters                                          \
	{                                                                      \
		SEAM_ENTER(name)                                               \
		if (variant)                                                   \
			variant->name arguments;                               \
		else                                                           \
			__real_##name arguments;                               \
		SEAM_LEAVE                                                     \
	}

SEAM_VOID(fault_report_exit, (const struct vcpu *vcpu), (vcpu))
SEAM_VOID(console_release, (struct console * console), (console))
SEAM_VOID(console_write,
	  (struct console * console, const void *bytes, size_t len),
	  (console, bytes, len))
