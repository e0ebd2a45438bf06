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

	/* Seams: functions of the VMM, with their parameters. */
	enum call_outcome (*call_write)(const struct call_table *,
					struct call *);
	enum call_outcome (*call_read)(const struct call_table *,
				       struct call *);
	void *(*gmem_at)(const struct gmem *, struct uhyve_gpa, uint64_t);
	int (*gmem_load)(const struct gmem *, struct uhyve_gpa, void *, size_t);
	ptrdiff_t (*gmem_string)(const struct gmem *, struct uhyve_gpa, char *,
				 size_t);
	int (*path_clean)(const char *, char *);
	const char *(*path_below)(const char *, const char *);
	void (*console_write)(struct console *, const void *, size_t);
	ssize_t (*console_read)(struct console *, void *, size_t, bool);
	int (*names_open)(const struct names *, const char *, int, mode_t);
	int (*names_unlink)(const struct names *, const char *);
	int (*names_mkdir)(const struct names *, const char *);
	int (*names_stat)(const struct names *, const char *, bool,
			  struct stat *);
	int64_t (*files_read)(struct files *, int32_t, void *, size_t);
	int64_t (*files_write)(struct files *, int32_t, const void *, size_t);
	int64_t (*files_lseek)(struct files *, int32_t, int64_t, uint32_t);
	int64_t (*files_getdents)(struct files *, int32_t, void *, size_t);
	int (*files_fstat)(struct files *, int32_t, struct stat *);
	int (*descriptors_reserve)(struct descriptors *);
	int (*descriptors_add)(struct descriptors *, int);
	int (*descriptors_close)(struct descriptors *, int32_t);
	struct descriptor *(*descriptors_get)(struct descriptors *, int32_t);
	void (*console_release)(struct console *);
	int (*sandbox_enter)(const struct names *, bool, struct why *);
	enum call_outcome (*arch_exit)(struct vcpu *);
	int (*vm_create)(struct vm *, const struct boot *, unsigned,
			 struct why *);
	int (*arch_vcpu_entry)(const struct vcpu *, const struct boot *,
			       struct why *);
	int (*image_parse)(struct image *, struct why *);
	int (*image_relocate)(const struct image *, const struct gmem *,
			      uint64_t, struct why *);
	int (*arch_boot_memory)(const struct gmem *, const struct boot *,
				struct why *);
	int (*boot_place)(struct boot *, const struct image *, uint64_t, bool,
			  struct why *);
	int (*boot_write)(const struct boot *, const struct image *,
			  const struct gmem *, const struct boot_facts *,
			  struct why *);
	int (*devicetree_build)(void *, int, const struct boot *,
				const struct boot_facts *, struct why *);
	int (*pthread_create)(pthread_t *, const pthread_attr_t *,
			      void *(*)(void *), void *);
	void (*fault_report_exit)(const struct vcpu *);
};

/* The originals of the seams. */
enum call_outcome __real_call_write(const struct call_table *, struct call *);
enum call_outcome __real_call_read(const struct call_table *, struct call *);
void *__real_gmem_at(const struct gmem *, struct uhyve_gpa, uint64_t);
int __real_gmem_load(const struct gmem *, struct uhyve_gpa, void *, size_t);
ptrdiff_t __real_gmem_string(const struct gmem *, struct uhyve_gpa, char *,
			     size_t);
int __real_path_clean(const char *, char *);
const char *__real_path_below(const char *, const char *);
void __real_console_write(struct console *, const void *, size_t);
ssize_t __real_console_read(struct console *, void *, size_t, bool);
int __real_names_open(const struct names *, const char *, int, mode_t);
int __real_names_unlink(const struct names *, const char *);
int __real_names_mkdir(const struct names *, const char *);
int __real_names_stat(const struct names *, const char *, bool, struct stat *);
int64_t __real_files_read(struct files *, int32_t, void *, size_t);
int64_t __real_files_write(struct files *, int32_t, const void *, size_t);
int64_t __real_files_lseek(struct files *, int32_t, int64_t, uint32_t);
int64_t __real_files_getdents(struct files *, int32_t, void *, size_t);
int __real_files_fstat(struct files *, int32_t, struct stat *);
int __real_descriptors_reserve(struct descriptors *);
int __real_descriptors_add(struct descriptors *, int);
int __real_descriptors_close(struct descriptors *, int32_t);
struct descriptor *__real_descriptors_get(struct descriptors *, int32_t);
void __real_console_release(struct console *);
int __real_sandbox_enter(const struct names *, bool, struct why *);
enum call_outcome __real_arch_exit(struct vcpu *);
int __real_vm_create(struct vm *, const struct boot *, unsigned, struct why *);
int __real_arch_vcpu_entry(const struct vcpu *, const struct boot *,
			   struct why *);
int __real_image_parse(struct image *, struct why *);
int __real_image_relocate(const struct image *, const struct gmem *, uint64_t,
			  struct why *);
int __real_arch_boot_memory(const struct gmem *, const struct boot *,
			    struct why *);
int __real_boot_place(struct boot *, const struct image *, uint64_t, bool,
		      struct why *);
int __real_boot_write(const struct boot *, const struct image *,
		      const struct gmem *, const struct boot_facts *,
		      struct why *);
int __real_devicetree_build(void *, int, const struct boot *,
			    const struct boot_facts *, struct why *);
int __real_pthread_create(pthread_t *, const pthread_attr_t *,
			  void *(*)(void *), void *);
void __real_fault_report_exit(const struct vcpu *);

/* Once in each file: puts its rows where variants_each() finds them. */
struct variant_area {
	const struct variant *rows;
	unsigned count;
};
#define VARIANTS(rows)                                                         \
	static const struct variant_area area = {                              \
		(rows), sizeof(rows) / sizeof((rows)[0])};                     \
	__attribute__((                                                        \
		used,                                                          \
		section("variant_areas"))) static const struct variant_area    \
		*const variant_area_here = &area

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
