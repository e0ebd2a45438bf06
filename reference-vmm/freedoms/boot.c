/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Freedoms of the start: where things lie, and what the guest is told. */
#include "freedoms.h"

#include <libfdt.h>
#include <pthread.h>
#include <stdlib.h>
#include <uhyve_interface/boot.h>

#define LARGE_PAGE (UINT64_C(2) << 20)

/* ---- Places -------------------------------------------------------------- */

static void move_all(struct boot *boot, uint64_t distance)
{
	boot->ram_start += distance;
	boot->load += distance;
	boot->image_start += distance;
	boot->image_end += distance;
	boot->stack += distance;
	boot->entry += distance;
	boot->info += distance;
}

/* At the end of the window, as far as two large pages allow. */
static int ram_high(struct boot *boot, const struct image *image,
		    uint64_t memory, bool random, struct why *why)
{
	int error = boot_place(boot, image, memory, random, why);

	if (error || !image->relocatable || image->interface == 1)
		return error;
	taken();
	move_all(boot, UHYVE_RAM_END - boot->ram_size - boot->ram_start -
			       strength(0, 7) * LARGE_PAGE);
	return 0;
}

/* The image two large pages higher, where there is room for that. */
static int image_high(struct boot *boot, const struct image *image,
		      uint64_t memory, bool random, struct why *why)
{
	const uint64_t distance = 2 * LARGE_PAGE;
	int error = boot_place(boot, image, memory, random, why);

	if (error || !image->relocatable || image->interface == 1 ||
	    boot->image_end + distance > boot->ram_start + boot->ram_size)
		return error;
	taken();
	boot->load += distance;
	boot->image_start += distance;
	boot->image_end += distance;
	boot->entry += distance;
	boot->stack += distance;
	return 0;
}

/* The room from 0x6000 to 0x10000 is unused: two pages, then 32 KiB for the stack. */
#define INFO_ELSEWHERE 0x6000
#define STACK_ELSEWHERE 0x8000
static int info_elsewhere(struct boot *boot, const struct image *image,
			  uint64_t memory, bool random, struct why *why)
{
	int error = boot_place(boot, image, memory, random, why);

	if (error || image->interface == 1)
		return error;
	taken();
	boot->info = boot->ram_start + INFO_ELSEWHERE;
	return 0;
}

static int stack_elsewhere(struct boot *boot, const struct image *image,
			   uint64_t memory, bool random, struct why *why)
{
	int error = boot_place(boot, image, memory, random, why);

	if (error || image->interface == 1)
		return error;
	taken();
	boot->stack = boot->ram_start + STACK_ELSEWHERE;
	return 0;
}

#if defined(__x86_64__)
/* The last 16 KiB of the room for page tables, of which large pages leave most. */
#define TREE_ELSEWHERE (UHYVE_BOOT_PAGE_TABLES_END - UHYVE_BOOT_FDT_MAX)
static int tree_elsewhere(const struct boot *boot, const struct image *image,
			  const struct gmem *ram,
			  const struct boot_facts *facts, struct why *why)
{
	int error = boot_write(boot, image, ram, facts, why);
	struct uhyve_boot_info *info =
		gmem_at(ram, (struct uhyve_gpa){boot->info}, sizeof(*info));
	struct uhyve_gpa from = {boot->ram_start + UHYVE_BOOT_FDT};
	struct uhyve_gpa to = {boot->ram_start + TREE_ELSEWHERE};
	void *tree = gmem_at(ram, from, UHYVE_BOOT_FDT_MAX);
	void *place = gmem_at(ram, to, UHYVE_BOOT_FDT_MAX);

	if (error || !info || !tree || !place || image->interface == 1)
		return error;
	taken();
	memcpy(place, tree, UHYVE_BOOT_FDT_MAX);
	memset(tree, 0, UHYVE_BOOT_FDT_MAX);
	info->device_tree = to;
	return 0;
}
#endif

static int mapped_more(const struct gmem *ram, const struct boot *boot,
		       struct why *why)
{
	struct boot more = *boot;

	if (!more.whole_gigabytes)
		taken();
	more.whole_gigabytes = true;
	return arch_boot_memory(ram, &more, why);
}

/* ---- What the guest is told ----------------------------------------------- */

static int no_frequency(const struct boot *boot, const struct image *image,
			const struct gmem *ram, const struct boot_facts *facts,
			struct why *why)
{
	struct boot_facts fewer = *facts;

	if (fewer.counter_khz)
		taken();
	fewer.counter_khz = 0;
	return boot_write(boot, image, ram, &fewer, why);
}

static int other_pci(const struct boot *boot, const struct image *image,
		     const struct gmem *ram, const struct boot_facts *facts,
		     struct why *why)
{
	int error = boot_write(boot, image, ram, facts, why);
	struct uhyve_boot_info *info =
		gmem_at(ram, (struct uhyve_gpa){boot->info}, sizeof(*info));

	if (error || !info)
		return error;
	taken();
	info->has_pci = !info->has_pci;
	return 0;
}

/* The property is absent instead of empty. */
static int no_bootargs(void *to, int size, const struct boot *boot,
		       const struct boot_facts *facts, struct why *why)
{
	int used = devicetree_build(to, size, boot, facts, why);

	if (used < 0 || *facts->bootargs)
		return used;
	int chosen = fdt_path_offset(to, "/chosen");
	if (chosen < 0 || fdt_delprop(to, chosen, "bootargs"))
		return used;
	taken();
	fdt_pack(to);
	return (int)fdt_totalsize(to);
}

/* Nothing of the run exists yet that would have to be cleaned up. */
static int other_status(struct image *image, struct why *why)
{
	int error = image_parse(image, why);

	if (!error)
		return 0;
	taken();
	fprintf(stderr, "uhyve-ref: %s\n", why->text);
	exit(42);
}

/* ---- vCPUs ---------------------------------------------------------------- */

struct late_start {
	void *(*start)(void *);
	void *argument;
};

static void *start_late(void *opaque)
{
	struct late_start late = *(struct late_start *)opaque;

	free(opaque);
	pause_ms(500);
	return late.start(late.argument);
}

static int late_vcpu(pthread_t *thread, const pthread_attr_t *attr,
		     void *(*start)(void *), void *argument)
{
	struct late_start *late = malloc(sizeof(*late));

	if (!late)
		return EAGAIN;
	taken();
	*late = (struct late_start){start, argument};
	return pthread_create(thread, attr, start_late, late);
}

static const struct variant rows[] = {
	{"boot-ram-place", TOGETHER, "RAM lies as high as it can",
	 .boot_place = ram_high},
	{"boot-image-place", TOGETHER, "the image lies 4 MiB higher in RAM",
	 .boot_place = image_high},
	{"boot-info-place", TOGETHER, "the boot information lies elsewhere",
	 .boot_place = info_elsewhere},
	{"boot-stack-place", TOGETHER, "the stack lies elsewhere",
	 .boot_place = stack_elsewhere},
#if defined(__x86_64__)
	{"boot-tree-place", TOGETHER, "the device tree lies elsewhere",
	 .boot_write = tree_elsewhere},
#endif
	{"refusal-status", TOGETHER, "an image is refused with status 42",
	 .image_parse = other_status},
	{"boot-mapped-more", TOGETHER, "more than the image's pages is mapped",
	 .arch_boot_memory = mapped_more},
	{"boot-frequency", TOGETHER, "cpu_freq_khz is 0",
	 .boot_write = no_frequency},
	{"boot-has-pci", TOGETHER, "has_pci has the other value",
	 .boot_write = other_pci},
	{"boot-no-arguments", TOGETHER, "bootargs is absent where it is empty",
	 .devicetree_build = no_bootargs},
	{"boot-late-vcpu", TOGETHER,
	 "all vCPUs but the first start half a second late",
	 .pthread_create = late_vcpu},
};
VARIANTS(rows);
