/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Variants of the reference VMM: the same object files, with wrappers at the
 * seams between them. A mutant breaks a requirement (../mutants), a freedom takes
 * what a requirement leaves open (../freedoms). One file an area, each a table
 * of rows.
 */
#ifndef SEAMS_H
#define SEAMS_H

#include "arch.h"
#include "boot.h"
#include "call.h"
#include "fault.h"
#include "sandbox.h"
#include "services.h"
#include "vm.h"

/*
 * The seams: functions of the VMM that a variant can replace. A row each, for a
 * macro X: name, result, parameters, and these as arguments.
 */
#define SEAM_call_write(X)                                                     \
	X(call_write, enum call_outcome,                                       \
	  (const struct call_table *table, struct call *call), (table, call))
#define SEAM_call_read(X)                                                      \
	X(call_read, enum call_outcome,                                        \
	  (const struct call_table *table, struct call *call), (table, call))
#define SEAM_gmem_at(X)                                                        \
	X(gmem_at, void *,                                                     \
	  (const struct gmem *mem, struct uhyve_gpa gpa, uint64_t len),        \
	  (mem, gpa, len))
#define SEAM_gmem_load(X)                                                      \
	X(gmem_load, int,                                                      \
	  (const struct gmem *mem, struct uhyve_gpa gpa, void *to,             \
	   size_t len),                                                        \
	  (mem, gpa, to, len))
#define SEAM_gmem_string(X)                                                    \
	X(gmem_string, ptrdiff_t,                                              \
	  (const struct gmem *mem, struct uhyve_gpa gpa, char *to,             \
	   size_t size),                                                       \
	  (mem, gpa, to, size))
#define SEAM_path_clean(X)                                                     \
	X(path_clean, int, (const char *path, char *clean), (path, clean))
#define SEAM_path_below(X)                                                     \
	X(path_below, const char *, (const char *path, const char *dir),       \
	  (path, dir))
#define SEAM_console_write(X)                                                  \
	X(console_write, void,                                                 \
	  (struct console * console, const void *bytes, size_t len),           \
	  (console, bytes, len))
#define SEAM_console_read(X)                                                   \
	X(console_read, ssize_t,                                               \
	  (struct console * console, void *to, size_t len, bool wait),         \
	  (console, to, len, wait))
#define SEAM_names_open(X)                                                     \
	X(names_open, int,                                                     \
	  (const struct names *names, const char *path, int flags,             \
	   mode_t mode),                                                       \
	  (names, path, flags, mode))
#define SEAM_names_unlink(X)                                                   \
	X(names_unlink, int, (const struct names *names, const char *path),    \
	  (names, path))
#define SEAM_names_mkdir(X)                                                    \
	X(names_mkdir, int, (const struct names *names, const char *path),     \
	  (names, path))
#define SEAM_names_stat(X)                                                     \
	X(names_stat, int,                                                     \
	  (const struct names *names, const char *path, bool follow,           \
	   struct stat *st),                                                   \
	  (names, path, follow, st))
#define SEAM_files_read(X)                                                     \
	X(files_read, int64_t,                                                 \
	  (struct files * files, int32_t fd, void *to, size_t len),            \
	  (files, fd, to, len))
#define SEAM_files_write(X)                                                    \
	X(files_write, int64_t,                                                \
	  (struct files * files, int32_t fd, const void *from, size_t len),    \
	  (files, fd, from, len))
#define SEAM_files_lseek(X)                                                    \
	X(files_lseek, int64_t,                                                \
	  (struct files * files, int32_t fd, int64_t offset, uint32_t whence), \
	  (files, fd, offset, whence))
#define SEAM_files_getdents(X)                                                 \
	X(files_getdents, int64_t,                                             \
	  (struct files * files, int32_t fd, void *to, size_t len),            \
	  (files, fd, to, len))
#define SEAM_files_fstat(X)                                                    \
	X(files_fstat, int,                                                    \
	  (struct files * files, int32_t fd, struct stat *st),                 \
	  (files, fd, st))
#define SEAM_descriptors_reserve(X)                                            \
	X(descriptors_reserve, int, (struct descriptors * table), (table))
#define SEAM_descriptors_add(X)                                                \
	X(descriptors_add, int, (struct descriptors * table, int host),        \
	  (table, host))
#define SEAM_descriptors_close(X)                                              \
	X(descriptors_close, int, (struct descriptors * table, int32_t fd),    \
	  (table, fd))
#define SEAM_descriptors_get(X)                                                \
	X(descriptors_get, struct descriptor *,                                \
	  (struct descriptors * table, int32_t fd), (table, fd))
#define SEAM_console_release(X)                                                \
	X(console_release, void, (struct console * console), (console))
#define SEAM_sandbox_enter(X)                                                  \
	X(sandbox_enter, int,                                                  \
	  (const struct names *names, bool strict, struct why *why),           \
	  (names, strict, why))
#define SEAM_arch_exit(X)                                                      \
	X(arch_exit, enum call_outcome, (struct vcpu * vcpu), (vcpu))
#define SEAM_vm_create(X)                                                      \
	X(vm_create, int,                                                      \
	  (struct vm * vm, const struct boot *boot, unsigned vcpus,            \
	   struct why *why),                                                   \
	  (vm, boot, vcpus, why))
#define SEAM_arch_vcpu_entry(X)                                                \
	X(arch_vcpu_entry, int,                                                \
	  (const struct vcpu *vcpu, const struct boot *boot, struct why *why), \
	  (vcpu, boot, why))
#define SEAM_image_parse(X)                                                    \
	X(image_parse, int, (struct image * image, struct why * why),          \
	  (image, why))
#define SEAM_image_relocate(X)                                                 \
	X(image_relocate, int,                                                 \
	  (const struct image *image, const struct gmem *ram, uint64_t load,   \
	   struct why *why),                                                   \
	  (image, ram, load, why))
#define SEAM_arch_boot_memory(X)                                               \
	X(arch_boot_memory, int,                                               \
	  (const struct gmem *ram, const struct boot *boot, struct why *why),  \
	  (ram, boot, why))
#define SEAM_boot_place(X)                                                     \
	X(boot_place, int,                                                     \
	  (struct boot * boot, const struct image *image, uint64_t memory,     \
	   bool random, struct why *why),                                      \
	  (boot, image, memory, random, why))
#define SEAM_boot_write(X)                                                     \
	X(boot_write, int,                                                     \
	  (const struct boot *boot, const struct image *image,                 \
	   const struct gmem *ram, const struct boot_facts *facts,             \
	   struct why *why),                                                   \
	  (boot, image, ram, facts, why))
#define SEAM_devicetree_build(X)                                               \
	X(devicetree_build, int,                                               \
	  (void *to, int size, const struct boot *boot,                        \
	   const struct boot_facts *facts, struct why *why),                   \
	  (to, size, boot, facts, why))
#define SEAM_pthread_create(X)                                                 \
	X(pthread_create, int,                                                 \
	  (pthread_t * thread, const pthread_attr_t *attr,                     \
	   void *(*start)(void *), void *argument),                            \
	  (thread, attr, start, argument))
#define SEAM_fault_report_exit(X)                                              \
	X(fault_report_exit, void, (const struct vcpu *vcpu), (vcpu))
/* Each of them; make has the list as SEAMS, too (../vmm_tests.mk). */
#define SEAMS(X)                                                                                        \
	SEAM_call_write(X) SEAM_call_read(X) SEAM_gmem_at(X) SEAM_gmem_load(X) SEAM_gmem_string(        \
		X) SEAM_path_clean(X) SEAM_path_below(X) SEAM_console_write(X)                          \
		SEAM_console_read(X) SEAM_names_open(X) SEAM_names_unlink(X) SEAM_names_mkdir(          \
			X) SEAM_names_stat(X) SEAM_files_read(X) SEAM_files_write(X)                    \
			SEAM_files_lseek(X) SEAM_files_getdents(X) SEAM_files_fstat(                    \
				X) SEAM_descriptors_reserve(X) SEAM_descriptors_add(X)                  \
				SEAM_descriptors_close(X) SEAM_descriptors_get(X) SEAM_console_release( \
					X) SEAM_sandbox_enter(X) SEAM_arch_exit(X)                      \
					SEAM_vm_create(X) SEAM_arch_vcpu_entry(                         \
						X) SEAM_image_parse(X)                                  \
						SEAM_image_relocate(X) SEAM_arch_boot_memory(           \
							X) SEAM_boot_place(X)                           \
							SEAM_boot_write(X) SEAM_devicetree_build(       \
								X)                                      \
								SEAM_pthread_create(                    \
									X)                              \
									SEAM_fault_report_exit(         \
										X)

#define SEAM_FIELD(name, result, parameters, arguments)                        \
	result(*name) parameters;
#define SEAM_REAL(name, result, parameters, arguments)                         \
	result __real_##name parameters;
#define SEAM_RESULT(name, result, parameters, arguments) result
#define SEAM_PARAMETERS(name, result, parameters, arguments) parameters
#define SEAM_PASS(name, result, parameters, arguments) __real_##name arguments

/* The originals of the seams. */
SEAMS(SEAM_REAL)

/* The head of a function for a seam, with its parameters; the VMM's own with these. */
#define REPLACES(seam, function)                                               \
	static SEAM_##seam(SEAM_RESULT) function SEAM_##seam(SEAM_PARAMETERS)
#define REAL(seam) SEAM_##seam(SEAM_PASS)

/* What a variant replaces; the parts that it does not name stay as they are. */
struct variant {
	const char *name; /* as the user asks for it */
	/* A mutant: the requirement that it breaks. A freedom: how it goes with
	   others, see freedoms.h. */
	const char *id;
	const char *what; /* what is different, one phrase */

	/* The handler of this number. */
	uint64_t number;
	call_perform *perform;

	/* Seams. */
	SEAMS(SEAM_FIELD)
};

/* Puts rows where variants_at() finds them. */
struct variant_area {
	const struct variant *rows;
	unsigned count;
};
#define VARIANTS(rows)                                                         \
	VARIANT_AREA(rows, rows, sizeof(rows) / sizeof((rows)[0]))
#define VARIANT_AREA(name, rows, count)                                        \
	static const struct variant_area area_##name = {(rows), (count)};      \
	__attribute__((                                                        \
		used,                                                          \
		section("variant_areas"))) static const struct variant_area    \
		*const area_here_##name = &area_##name

/* ---- Choosing, before the VMM's main() ------------------------------------ */

/* The n-th of all rows of the program, in the order of its files; or NULL. */
const struct variant *variants_at(unsigned n);
const struct variant *variants_find(const char *name);

/* Makes it part of this run. Those chosen first are the outermost. */
#define VARIANTS_MAX 256
void variants_choose(const struct variant *variant);

int __real_main(int argc, char **argv);

/* ---- Helpers ------------------------------------------------------------- */

/*
 * The handler after this one, for before or after a change of call->block: the
 * VMM's own, or that of the next variant of the same number. In the same way a
 * wrapper that calls the function of its seam by its name gets what is after
 * it; __real_NAME is the VMM's own.
 */
enum call_outcome original(struct call *call);

/* The variant whose wrapper runs in this thread. */
const struct variant *variants_running(void);

/* Nothing happens: the outputs keep what the guest put there. */
static inline enum call_outcome ignored(struct call *call)
{
	(void)call;
	return CALL_RESUME;
}

/*
 * Writes to guest memory, where it is some; what a correct handler never does.
 */
void scribble(const struct call *call, uint64_t gpa, uint64_t value,
	      size_t len);

/* The same at an offset of the call's own block. */
static inline void scribble_block(const struct call *call, uint64_t offset,
				  uint64_t value, size_t len)
{
	scribble(call, call->argument + offset, value, len);
}

/* Some variants do what the sandbox would stop. */
static inline int stays_outside(const struct names *names, bool strict,
				struct why *why)
{
	(void)names, (void)strict, (void)why;
	return 0;
}

/*
 * Counts calls of itself from 1 on, for "the second time" variants.
 */
unsigned times(void);

#endif
