/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Mutants: the reference VMM with one requirement broken, to prove that a check
 * notices. One file an area, each a table of rows; README.md says how to add
 * one.
 */
#ifndef MUTANT_H
#define MUTANT_H

#include "arch.h"
#include "boot.h"
#include "call.h"
#include "fault.h"
#include "sandbox.h"
#include "services.h"
#include "vm.h"

/* What a mutant replaces; the parts that it does not name stay as they are. */
struct mutant {
	const char *name; /* as an argument of --mutant */
	const char *id;   /* the requirement that it breaks */
	const char *what; /* what is broken, one phrase */

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
	int (*descriptors_add)(struct descriptors *, int);
	int (*sandbox_enter)(const struct names *, bool, struct why *);
	enum call_outcome (*arch_exit)(struct vcpu *);
	int (*arch_vcpu_entry)(const struct vcpu *, const struct boot *,
			       struct why *);
	int (*image_parse)(struct image *, struct why *);
	int (*image_relocate)(const struct image *, const struct gmem *,
			      uint64_t, struct why *);
	int (*boot_place)(struct boot *, const struct image *, uint64_t, bool,
			  struct why *);
	int (*boot_write)(const struct boot *, const struct image *,
			  const struct gmem *, const struct boot_facts *,
			  struct why *);
	int (*devicetree_build)(void *, int, const struct boot *,
				const struct boot_facts *, struct why *);
	void (*fault_report_exit)(const struct vcpu *);
};

/* The originals behind the seams. */
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
int __real_descriptors_add(struct descriptors *, int);
int __real_sandbox_enter(const struct names *, bool, struct why *);
enum call_outcome __real_arch_exit(struct vcpu *);
int __real_arch_vcpu_entry(const struct vcpu *, const struct boot *,
			   struct why *);
int __real_image_parse(struct image *, struct why *);
int __real_image_relocate(const struct image *, const struct gmem *, uint64_t,
			  struct why *);
int __real_boot_place(struct boot *, const struct image *, uint64_t, bool,
		      struct why *);
int __real_boot_write(const struct boot *, const struct image *,
		      const struct gmem *, const struct boot_facts *,
		      struct why *);
int __real_devicetree_build(void *, int, const struct boot *,
			    const struct boot_facts *, struct why *);
void __real_fault_report_exit(const struct vcpu *);

/* Once in each file: puts its rows where the runner finds them. */
struct mutant_area {
	const struct mutant *rows;
	unsigned count;
};
#define MUTANTS(rows)                                                          \
	static const struct mutant_area area = {                               \
		(rows), sizeof(rows) / sizeof((rows)[0])};                     \
	__attribute__((                                                        \
		used,                                                          \
		section("mutant_areas"))) static const struct mutant_area      \
		*const mutant_area_here = &area

/* ---- Helpers ------------------------------------------------------------- */

/* The row's own handler, for before or after a change of call->block. */
enum call_outcome original(struct call *call);

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

/* Some mutants do what the sandbox would stop. */
static inline int stays_outside(const struct names *names, bool strict,
				struct why *why)
{
	(void)names, (void)strict, (void)why;
	return 0;
}

/*
 * Counts calls of the running mutant from 1 on, for "the second time" mutants.
 */
unsigned times(void);

#endif
