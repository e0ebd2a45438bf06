/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The VMM's objects behind another main(): uhyve-ref-mutants --mutant NAME …,
 * and
 * --list-mutants. The linker's --wrap puts each seam in between.
 */
#include <stdatomic.h>
#include <string.h>

#include "mutant.h"

extern const struct mutant_area *const __start_mutant_areas[];
extern const struct mutant_area *const __stop_mutant_areas[];

static const struct mutant *chosen = &(const struct mutant){.name = "none"};
static call_perform *chosen_original;
static atomic_uint counter;

unsigned times(void)
{
	return atomic_fetch_add(&counter, 1) + 1;
}

enum call_outcome original(struct call *call)
{
	return chosen_original(call);
}

void scribble(const struct call *call, uint64_t gpa, uint64_t value, size_t len)
{
	gmem_store(&call->services->mem, (struct uhyve_gpa){gpa}, &value, len);
}

/* ---- Command line -------------------------------------------------------- */

static void list(void)
{
	for (const struct mutant_area *const *area = __start_mutant_areas;
	     area < __stop_mutant_areas; area++)
		for (unsigned i = 0; i < (*area)->count; i++) {
			const struct mutant *m = &(*area)->rows[i];
			printf("%s\t%s\t%s\n", m->name, m->id, m->what);
		}
}

static const struct mutant *find(const char *name)
{
	for (const struct mutant_area *const *area = __start_mutant_areas;
	     area < __stop_mutant_areas; area++)
		for (unsigned i = 0; i < (*area)->count; i++)
			if (strcmp((*area)->rows[i].name, name) == 0)
				return &(*area)->rows[i];
	return NULL;
}

int __real_main(int argc, char **argv);
int __wrap_main(int argc, char **argv);

int __wrap_main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--list-mutants") == 0) {
		list();
		return 0;
	}
	if (argc <= 2 || strcmp(argv[1], "--mutant") != 0)
		return __real_main(argc, argv);
	chosen = find(argv[2]);
	if (!chosen) {
		fprintf(stderr, "%s: no mutant %s; see --list-mutants\n",
			argv[0], argv[2]);
		return 2;
	}
	argv[2] = argv[0];
	return __real_main(argc - 2, argv + 2);
}

/* ---- Seams --------------------------------------------------------------- */

void __real_call_table_init(struct call_table *table);
void __wrap_call_table_init(struct call_table *table);

void __wrap_call_table_init(struct call_table *table)
{
	__real_call_table_init(table);
	for (unsigned i = 0; chosen->perform && i < table->count; i++)
		if (table->rows[i].number == chosen->number) {
			chosen_original = table->rows[i].perform;
			table->rows[i].perform = chosen->perform;
		}
}

/* One line a seam: its name, result, parameters, and how to pass them on. */
#define SEAM(name, result, parameters, arguments)                              \
	result __wrap_##name parameters;                                       \
	result __wrap_##name parameters                                        \
	{                                                                      \
		if (chosen->name)                                              \
			return chosen->name arguments;                         \
		return __real_##name arguments;                                \
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

void __wrap_fault_report_exit(const struct vcpu *vcpu);
void __wrap_fault_report_exit(const struct vcpu *vcpu)
{
	if (chosen->fault_report_exit)
		chosen->fault_report_exit(vcpu);
	else
		__real_fault_report_exit(vcpu);
}

void __wrap_console_write(struct console *console, const void *bytes,
			  size_t len);
void __wrap_console_write(struct console *console, const void *bytes,
			  size_t len)
{
	if (chosen->console_write)
		chosen->console_write(console, bytes, len);
	else
		__real_console_write(console, bytes, len);
}
