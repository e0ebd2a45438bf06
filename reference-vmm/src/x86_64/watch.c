/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "watch.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <uhyve_interface/boot.h>

#include "../arch.h"
#include "../image.h"
#include "../page_tables.h"
#include "../sandbox.h"
#include "../services.h"
#include "../vm.h"

#define PAGE UINT64_C(4096)
#define LARGE_PAGE UINT64_C(0x200000)
/* In front, between and after the segments of an image, and some. */
#define REGIONS (2 * IMAGE_MAX_SEGMENTS + 8)

enum kind {
	PLAIN,
	BOOT_DATA, /* read-only: GDT, device tree, boot information */
	CONSTANT,  /* read-only: of the image */
	BEHIND     /* missing: mapped at entry, but not the image's */
};

/* A part of RAM, a slot of KVM. */
struct region {
	uint64_t start, end;
	enum kind kind;
};

struct watch {
	struct region regions[REGIONS];
	unsigned count;
	uint64_t initial_root; /* CR3 at entry */
	/* The tables as they were; the processor sets bits in them. */
	uint64_t tables[(UHYVE_BOOT_PAGE_TABLES_END - UHYVE_BOOT_PAGE_TABLES) /
			sizeof(uint64_t)];
	pthread_mutex_t lock;
};

static void add(struct watch *watch, uint64_t end, enum kind kind)
{
	struct region *last = &watch->regions[watch->count - 1];

	if (end <= last->end || watch->count == REGIONS)
		return;
	if (last->kind == kind && watch->count > 1)
		last->end = end;
	else
		watch->regions[watch->count++] =
			(struct region){last->end, end, kind};
}

/* Whole pages of the image that no segment lets it write to. */
static void add_image(struct watch *watch, const struct image *image,
		      uint64_t load)
{
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct segment *segment = &image->segments[i];
		uint64_t start = load + segment->vaddr;
		uint64_t end = start + segment->memsz;
		if (segment->writable)
			continue;
		add(watch, (start + PAGE - 1) & ~(PAGE - 1), PLAIN);
		add(watch, end & ~(PAGE - 1), CONSTANT);
	}
}

static void lay_out(struct watch *watch, const struct vm *vm,
		    const struct boot *boot)
{
	uint64_t ram_end = boot->ram_start + boot->ram_size;
	uint64_t image_end = (boot->image_end + PAGE - 1) & ~(PAGE - 1);
	uint64_t mapped_end =
		(boot->image_end & ~(LARGE_PAGE - 1)) + LARGE_PAGE;

	/* An empty first one, so that each begins where the last ends. */
	watch->regions[0].start = watch->regions[0].end = boot->ram_start;
	watch->count = 1;
	if (mapped_end > ram_end)
		mapped_end = ram_end;
	add(watch, boot->ram_start + UHYVE_BOOT_PAGE_TABLES, BOOT_DATA);
	add_image(watch, vm->image, boot->load);
	add(watch, image_end, PLAIN);
	/* Kernels from before 0.10 may use all that is mapped for them. */
	add(watch, mapped_end, boot->whole_gigabytes ? PLAIN : BEHIND);
	add(watch, ram_end, PLAIN);
}

/* Gives or takes a region; the number of its slot is its place. */
static int set_slot(const struct vm *vm, unsigned slot, bool there, bool fixed)
{
	const struct region *region = &vm->watch->regions[slot];
	struct kvm_userspace_memory_region memory = {
		.slot = slot,
		.flags = fixed ? KVM_MEM_READONLY : 0,
		.guest_phys_addr = region->start,
		.memory_size = there ? region->end - region->start : 0,
		.userspace_addr =
			(uint64_t)(uintptr_t)(vm->ram.host +
					      (region->start - vm->ram.start))};
	return ioctl(vm->fd, KVM_SET_USER_MEMORY_REGION, &memory);
}

int arch_watch(struct vm *vm, const struct boot *boot, struct why *why)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return refuse(why, "out of memory");
	pthread_mutex_init(&watch->lock, NULL);
	lay_out(watch, vm, boot);
	watch->initial_root = boot->ram_start + UHYVE_BOOT_PAGE_TABLES;
	gmem_load(&vm->ram, (struct uhyve_gpa){watch->initial_root},
		  watch->tables, sizeof(watch->tables));
	vm->watch = watch;
	/* Slot 0 was all of RAM. */
	if (set_slot(vm, 0, false, false) < 0)
		return refuse(why, "KVM_SET_USER_MEMORY_REGION: %s",
			      strerror(errno));
	for (unsigned i = 1; i < watch->count; i++) {
		enum kind kind = watch->regions[i].kind;
		if (kind != BEHIND && set_slot(vm, i, true, kind != PLAIN) < 0)
			return refuse(why, "KVM_SET_USER_MEMORY_REGION: %s",
				      strerror(errno));
	}
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		vm->vcpus[i].run->kvm_valid_regs |= KVM_SYNC_X86_SREGS;
	vm->services->judge.watches_memory = true;
	sandbox_need_ioctl(KVM_SET_USER_MEMORY_REGION);
	return 0;
}

/* The region is memory like any other from now on. */
static void open_region(struct vm *vm, unsigned slot)
{
	struct region *region = &vm->watch->regions[slot];

	/* KVM does not change the flag in place. */
	if (region->kind == PLAIN ||
	    (region->kind != BEHIND && set_slot(vm, slot, false, true) < 0))
		return;
	if (set_slot(vm, slot, true, false) == 0)
		region->kind = PLAIN;
}

static void judge_access(struct vcpu *vcpu, enum kind kind, uint64_t address,
			 const char *what)
{
	static const enum judge_rule rules[] = {
		[BOOT_DATA] = JUDGE_BOOT_WRITTEN,
		[CONSTANT] = JUDGE_READ_ONLY,
		[BEHIND] = JUDGE_BOOT_105,
	};
	static const char *const places[] = {
		[BOOT_DATA] = "the boot information, device tree or GDT",
		[CONSTANT] = "a part of the image that is read-only",
		[BEHIND] =
			"RAM after the image, through the initial page tables",
	};
	judge_broken(&vcpu->vm->services->judge, rules[kind], vcpu->index,
		     arch_program_counter(vcpu), NULL,
		     "it %s 0x%" PRIx64 ": %s", what, address, places[kind]);
}

bool watch_access(struct vcpu *vcpu)
{
	struct vm *vm = vcpu->vm;
	struct watch *watch = vm->watch;
	struct kvm_run *run = vcpu->run;
	uint64_t address = run->mmio.phys_addr;
	uint8_t *host =
		gmem_at(&vm->ram, (struct uhyve_gpa){address}, run->mmio.len);

	if (!host || run->mmio.len > sizeof(run->mmio.data))
		return false;
	pthread_mutex_lock(&watch->lock);
	unsigned slot = 1;
	while (slot + 1 < watch->count && address >= watch->regions[slot].end)
		slot++;
	enum kind kind = watch->regions[slot].kind;
	bool initial =
		(run->s.regs.sregs.cr3 & ~(PAGE - 1)) == watch->initial_root;
	/* With page tables of its own, RAM is the guest's. */
	if (kind == CONSTANT || (kind != PLAIN && initial))
		judge_access(vcpu, kind, address,
			     run->mmio.is_write ? "writes to" : "reads from");
	if (kind == BEHIND || (kind == BOOT_DATA && !initial))
		open_region(vm, slot);
	if (run->mmio.is_write)
		memcpy(host, run->mmio.data, run->mmio.len);
	else
		memcpy(run->mmio.data, host, run->mmio.len);
	pthread_mutex_unlock(&watch->lock);
	return true;
}

/* A guest may add entries, not lose those that it runs on. */
bool watch_tables_lost(const struct vm *vm)
{
	const struct watch *watch = vm->watch;
	uint64_t now;

	for (unsigned i = 0;
	     i < sizeof(watch->tables) / sizeof(watch->tables[0]); i++) {
		struct uhyve_gpa gpa = {watch->initial_root + i * sizeof(now)};
		if (watch->tables[i] &&
		    gmem_load(&vm->ram, gpa, &now, sizeof(now)) == 0 &&
		    (now & ENTRY_ADDRESS) != (watch->tables[i] & ENTRY_ADDRESS))
			return true;
	}
	return false;
}

bool watch_failure(struct vcpu *vcpu)
{
	struct watch *watch = vcpu->vm->watch;
	bool any = false;

	if (vcpu->run->exit_reason != KVM_EXIT_INTERNAL_ERROR)
		return false;
	pthread_mutex_lock(&watch->lock);
	for (unsigned i = 1; i < watch->count; i++) {
		any = any || watch->regions[i].kind != PLAIN;
		open_region(vcpu->vm, i);
	}
	pthread_mutex_unlock(&watch->lock);
	return any;
}
