/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "watch.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>
#include <uhyve_interface/boot.h>

#include "arch.h"
#include "image.h"
#include "page_tables.h"
#include "sandbox.h"
#include "services.h"
#include "vm.h"

/* In front, between and after the segments of an image, and some. */
#define REGIONS (2 * IMAGE_MAX_SEGMENTS + 8)
#define TABLES_SIZE (UHYVE_BOOT_PAGE_TABLES_END - UHYVE_BOOT_PAGE_TABLES)
/* An access this close to the stack pointer uses the stack. */
#define STACK_REACH 4096
#define PAUSE_NS 1000000 /* between two kicks of vCPUs that still run */

enum kind {
	PLAIN,
	BOOT_DATA, /* read-only: GDT, vectors, device tree, boot information */
	TABLES,    /* read-only: page tables of the entry, where they can be */
	SPARE,     /* read-only: the room after those */
	CONSTANT,  /* read-only: of the image */
	FOREIGN    /* missing: mapped at entry, but not the image's */
};

/* A part of RAM, a slot of KVM. */
struct region {
	uint64_t start, end;
	enum kind kind;
};

struct watch {
	struct region regions[REGIONS];
	unsigned count;
	uint64_t page;         /* of the host: slots consist of them */
	uint64_t initial_root; /* of the page tables at entry */
	uint64_t stack;        /* its lowest address */
	/* The tables as they were; the processor sets bits in them. */
	uint64_t tables[TABLES_SIZE / sizeof(uint64_t)];
	atomic_bool tables_spoilt; /* and reported */
	pthread_mutex_t lock;
	/* Held for reading by a vCPU that runs, for writing to change slots. */
	pthread_rwlock_t running;
};

/* ---- Which parts ------------------------------------------------------------- */

static uint64_t down(const struct watch *watch, uint64_t address)
{
	return address & ~(watch->page - 1);
}

static uint64_t up(const struct watch *watch, uint64_t address)
{
	return down(watch, address + watch->page - 1);
}

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
		add(watch, up(watch, start), PLAIN);
		add(watch, down(watch, end), CONSTANT);
	}
}

/* Bytes of the room for page tables that are in use. */
static uint64_t used_tables(const struct watch *watch)
{
	uint64_t used = TABLES_SIZE / sizeof(watch->tables[0]);

	while (used && !watch->tables[used - 1])
		used--;
	return used * sizeof(watch->tables[0]);
}

static void lay_out(struct watch *watch, const struct vm *vm,
		    const struct boot *boot)
{
	uint64_t ram_end = boot->ram_start + boot->ram_size;
	uint64_t mapped_end = arch_mapped_end(boot);
	/* Kernels from before 0.10 may use all that is mapped for them. */
	enum kind foreign = boot->whole_gigabytes ? PLAIN : FOREIGN;

	/* An empty first one, so that each begins where the last ends. */
	watch->regions[0].start = watch->regions[0].end = boot->ram_start;
	watch->count = 1;
	if (mapped_end > ram_end)
		mapped_end = ram_end;
	add(watch, down(watch, boot->ram_start + UHYVE_BOOT_PAGE_TABLES),
	    BOOT_DATA);
	add(watch, up(watch, watch->initial_root + used_tables(watch)),
	    arch.walks_write ? PLAIN : TABLES);
	add(watch, down(watch, boot->ram_start + UHYVE_BOOT_PAGE_TABLES_END),
	    SPARE);
	add(watch, down(watch, boot->stack), foreign);
	add_image(watch, vm->image, boot->load);
	add(watch, up(watch, boot->image_end), PLAIN);
	add(watch, down(watch, mapped_end), foreign);
	add(watch, ram_end, PLAIN);
}

/* ---- Slots of KVM ------------------------------------------------------------- */

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

/*
 * While a slot is changed it is missing for an instant, in which no vCPU may look
 * for its page tables or its code there.
 */
static void pause_vcpus(struct vm *vm)
{
	struct timespec until;

	do {
		vm_kick_others(vm);
		clock_gettime(CLOCK_REALTIME, &until);
		until.tv_nsec += PAUSE_NS;
		if (until.tv_nsec >= 1000000000) {
			until.tv_nsec -= 1000000000;
			until.tv_sec++;
		}
	} while (pthread_rwlock_timedwrlock(&vm->watch->running, &until));
}

/* The region is memory like any other from now on. */
static void open_region(struct vm *vm, unsigned slot)
{
	struct region *region = &vm->watch->regions[slot];

	if (region->kind == PLAIN)
		return;
	pause_vcpus(vm);
	/* KVM does not change the flag in place. */
	if ((region->kind == FOREIGN ||
	     set_slot(vm, slot, false, false) == 0) &&
	    set_slot(vm, slot, true, false) == 0)
		region->kind = PLAIN;
	pthread_rwlock_unlock(&vm->watch->running);
}

static int create_slots(struct vm *vm, struct why *why)
{
	const struct watch *watch = vm->watch;

	/* Slot 0 was all of RAM. */
	int failed = set_slot(vm, 0, false, false);
	for (unsigned i = 1; !failed && i < watch->count; i++) {
		enum kind kind = watch->regions[i].kind;
		if (kind != FOREIGN)
			failed = set_slot(vm, i, true, kind != PLAIN);
	}
	if (failed)
		return refuse(why, "KVM_SET_USER_MEMORY_REGION: %s",
			      strerror(errno));
	return 0;
}

static void init_locks(struct watch *watch)
{
	pthread_mutex_init(&watch->lock, NULL);
	pthread_rwlockattr_t attributes;
	pthread_rwlockattr_init(&attributes);
	pthread_rwlockattr_setkind_np(
		&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
	pthread_rwlock_init(&watch->running, &attributes);
	pthread_rwlockattr_destroy(&attributes);
}

int watch_start(struct vm *vm, const struct boot *boot, struct why *why)
{
	struct watch *watch = calloc(1, sizeof(*watch));

	if (!watch)
		return refuse(why, "out of memory");
	init_locks(watch);
	watch->page = (uint64_t)sysconf(_SC_PAGESIZE);
	watch->initial_root = boot->ram_start + UHYVE_BOOT_PAGE_TABLES;
	watch->stack = boot->stack;
	gmem_load(&vm->ram, (struct uhyve_gpa){watch->initial_root},
		  watch->tables, sizeof(watch->tables));
	lay_out(watch, vm, boot);
	vm->watch = watch;
	if (create_slots(vm, why))
		return -1;
	for (unsigned i = 0; i < vm->vcpu_count; i++)
		arch_watch_vcpu(&vm->vcpus[i]);
	vm->services->judge.watches_memory = true;
	sandbox_need_ioctl(KVM_SET_USER_MEMORY_REGION);
	return 0;
}

/* ---- Accesses --------------------------------------------------------------------- */

static unsigned slot_of(const struct watch *watch, uint64_t address)
{
	unsigned slot = 1;

	while (slot + 1 < watch->count && address >= watch->regions[slot].end)
		slot++;
	return slot;
}

/* With page tables of its own, RAM is the guest's. */
static bool on_initial_tables(const struct vcpu *vcpu)
{
	return arch_table_root(vcpu) == vcpu->vm->watch->initial_root;
}

/*
 * True if the page tables are what they were at entry. A guest that has changed
 * them may have mapped memory by itself: KVM does not tell through which address
 * it was reached.
 */
static bool tables_are_initial(const struct vm *vm)
{
	const struct watch *watch = vm->watch;
	const uint64_t mask = ENTRY_ADDRESS | ENTRY_PRESENT;
	uint64_t now;

	for (uint64_t at = 0; at < TABLES_SIZE; at += sizeof(now)) {
		struct uhyve_gpa gpa = {watch->initial_root + at};
		gmem_load(&vm->ram, gpa, &now, sizeof(now));
		if ((now ^ watch->tables[at / sizeof(now)]) & mask)
			return false;
	}
	return true;
}

/* UHY-BOOT-103: a push below the lowest address of the stack. */
static bool uses_entry_stack(const struct vcpu *vcpu, uint64_t address)
{
	const struct watch *watch = vcpu->vm->watch;
	uint64_t sp = arch_stack_pointer(vcpu);

	return address < watch->stack && sp <= watch->stack &&
	       address + STACK_REACH > sp && address < sp + STACK_REACH;
}

static void judge_access(struct vcpu *vcpu, enum kind kind, uint64_t address,
			 const char *what)
{
	static const enum judge_rule rules[] = {
		[BOOT_DATA] = JUDGE_BOOT_WRITTEN, [TABLES] = JUDGE_TABLES,
		[SPARE] = JUDGE_TABLES,           [CONSTANT] = JUDGE_READ_ONLY,
		[FOREIGN] = JUDGE_BOOT_105,
	};
	static const char *const places[] = {
		[BOOT_DATA] = "the boot information, device tree or GDT",
		[TABLES] = "an entry of the page tables that it runs on",
		[SPARE] = "the room for page tables",
		[CONSTANT] = "a part of the image that is read-only",
		[FOREIGN] = "RAM that is not the image's, through the initial "
			    "page tables",
	};
	judge_broken(&vcpu->vm->services->judge, rules[kind], vcpu->index,
		     arch_program_counter(vcpu), NULL,
		     "it %s 0x%" PRIx64 ": %s", what, address, places[kind]);
}

static void judge_entry_stack(struct vcpu *vcpu, uint64_t address)
{
	judge_broken(&vcpu->vm->services->judge, JUDGE_BOOT_103, vcpu->index,
		     arch_program_counter(vcpu), NULL,
		     "it writes to 0x%" PRIx64 ", below the stack, which "
		     "begins at 0x%" PRIx64 ": RSP (SP) was used as it was at "
		     "entry",
		     address, vcpu->vm->watch->stack);
}

/* True if the instruction at the program counter and the stack are mapped. */
static bool can_continue(const struct vcpu *vcpu)
{
	const struct vm *vm = vcpu->vm;
	uint64_t root = vm->watch->initial_root, leaf;

	return page_tables_walk(&vm->ram, root, arch_program_counter(vcpu),
				&leaf) &&
	       page_tables_walk(&vm->ram, root, arch_stack_pointer(vcpu),
				&leaf);
}

/*
 * A store to the initial page tables. Guests add entries to them and take some
 * away; it is a mistake to lose what they run on, and not to write entries.
 */
static void write_tables(struct vcpu *vcpu, uint64_t address)
{
	struct vm *vm = vcpu->vm;
	const struct kvm_run *run = vcpu->run;
	uint64_t first = address & ~UINT64_C(7), old = 0, now = 0;
	bool whole = first == address && run->mmio.len == sizeof(old);
	bool could = can_continue(vcpu);

	gmem_load(&vm->ram, (struct uhyve_gpa){first}, &old, sizeof(old));
	gmem_store(&vm->ram, (struct uhyve_gpa){address}, run->mmio.data,
		   run->mmio.len);
	gmem_load(&vm->ram, (struct uhyve_gpa){first}, &now, sizeof(now));
	if (!(old & ENTRY_PRESENT) || old == now)
		return;
	if ((could && !can_continue(vcpu)) ||
	    (!whole && ((old ^ now) & ENTRY_ADDRESS)))
		judge_access(vcpu, TABLES, address, "writes to");
}

static void perform(struct vm *vm, struct kvm_run *run)
{
	struct uhyve_gpa gpa = {run->mmio.phys_addr};

	if (run->mmio.is_write)
		gmem_store(&vm->ram, gpa, run->mmio.data, run->mmio.len);
	else
		gmem_load(&vm->ram, gpa, run->mmio.data, run->mmio.len);
}

static void access_slot(struct vcpu *vcpu, unsigned slot)
{
	struct vm *vm = vcpu->vm;
	struct kvm_run *run = vcpu->run;
	uint64_t address = run->mmio.phys_addr;
	enum kind kind = vm->watch->regions[slot].kind;
	bool initial = on_initial_tables(vcpu);
	bool stack = initial && (kind == SPARE || kind == FOREIGN) &&
		     run->mmio.is_write && uses_entry_stack(vcpu, address);

	if (kind == TABLES && initial && !stack) {
		write_tables(vcpu, address);
		return;
	}
	if (stack)
		judge_entry_stack(vcpu, address);
	else if (kind == CONSTANT || (initial && kind == BOOT_DATA) ||
		 (initial && kind == FOREIGN && tables_are_initial(vm)))
		judge_access(vcpu, kind, address,
			     run->mmio.is_write ? "writes to" : "reads from");
	if (kind == SPARE || kind == FOREIGN ||
	    ((kind == BOOT_DATA || kind == TABLES) && !initial))
		open_region(vm, slot);
	perform(vm, run);
}

bool watch_access(struct vcpu *vcpu)
{
	struct watch *watch = vcpu->vm->watch;
	const struct kvm_run *run = vcpu->run;

	if (run->mmio.len > sizeof(run->mmio.data) ||
	    !gmem_valid(&vcpu->vm->ram, run->mmio.phys_addr, run->mmio.len))
		return false;
	pthread_mutex_lock(&watch->lock);
	access_slot(vcpu, slot_of(watch, run->mmio.phys_addr));
	pthread_mutex_unlock(&watch->lock);
	return true;
}

bool watch_touched(struct vcpu *vcpu, uint64_t address)
{
	struct watch *watch = vcpu->vm->watch;

	if (!gmem_valid(&vcpu->vm->ram, address, 1))
		return false;
	pthread_mutex_lock(&watch->lock);
	unsigned slot = slot_of(watch, address);
	enum kind kind = watch->regions[slot].kind;
	bool initial = on_initial_tables(vcpu);
	if (initial && uses_entry_stack(vcpu, address))
		judge_entry_stack(vcpu, address);
	else if (kind == CONSTANT || kind == BOOT_DATA)
		judge_access(vcpu, kind, address, "writes to");
	/* What it does to page tables shows when it can no longer continue. */
	open_region(vcpu->vm, slot);
	pthread_mutex_unlock(&watch->lock);
	return true;
}

/* ---- Afterwards --------------------------------------------------------------------- */

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

/*
 * Where the processor itself writes to page tables, they cannot be read-only:
 * they are looked at after each exit. An entry that is lost for another table or
 * none may be meant, one that leads out of RAM is not.
 */
static void look_at_tables(struct vcpu *vcpu)
{
	const struct vm *vm = vcpu->vm;
	struct watch *watch = vm->watch;
	uint64_t size = used_tables(watch);

	if (atomic_load(&watch->tables_spoilt) || !on_initial_tables(vcpu))
		return;
	uint64_t now;
	for (uint64_t at = 0; at < size; at += sizeof(now)) {
		struct uhyve_gpa gpa = {watch->initial_root + at};
		uint64_t old = watch->tables[at / sizeof(now)];
		if (!(old & ENTRY_PRESENT) ||
		    gmem_load(&vm->ram, gpa, &now, sizeof(now)) || !now ||
		    gmem_valid(&vm->ram, now & ENTRY_ADDRESS, 1) ==
			    gmem_valid(&vm->ram, old & ENTRY_ADDRESS, 1))
			continue;
		if (!atomic_exchange(&watch->tables_spoilt, true))
			judge_access(vcpu, TABLES, gpa.addr,
				     "has written by now to");
	}
}

int watch_run(struct vcpu *vcpu)
{
	pthread_rwlock_t *running = &vcpu->vm->watch->running;

	pthread_rwlock_rdlock(running);
	int result = ioctl(vcpu->fd, KVM_RUN, 0);
	int error = errno;
	pthread_rwlock_unlock(running);
	if (arch.walks_write)
		look_at_tables(vcpu);
	errno = error;
	return result;
}

bool watch_is_lost(const struct vcpu *vcpu)
{
	const struct vm *vm = vcpu->vm;
	uint64_t leaf;

	return vm->watch && on_initial_tables(vcpu) && watch_tables_lost(vm) &&
	       !page_tables_walk(&vm->ram, vm->watch->initial_root,
				 arch_program_counter(vcpu), &leaf);
}

bool watch_give_up(struct vcpu *vcpu)
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
