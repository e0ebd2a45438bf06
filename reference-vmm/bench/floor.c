/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The floor of `make bench`: a bare KVM program. It creates the machine that
 * uhyve-ref creates, with the same ioctls, loads the same guest and lets it
 * run, but answers nothing: every call is an exit and an entry. It checks
 * nothing, has no options and no sandbox. SerialWriteBuffer prints, so that the
 * guest can tell its results; Exit ends.
 *
 *	floor IMAGE          runs it
 *	floor --vcpus N IMAGE FILE
 *	                     with N vCPUs, each with a descriptor of its own
 *	floor --times IMAGE  also says what each step took, in microseconds
 *	floor --host FILE    times write(2), read(2) and lseek(2) on FILE, in
 *cycles
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include <uhyve_interface/boot.h>

#define RAM_SIZE (UINT64_C(64) << 20)
#define LOAD (UHYVE_RAM_FIRST + UHYVE_BOOT_IMAGE)
#define CPUID_ENTRIES 256
#define MAX_VCPUS 4

static uint8_t *ram;
static bool timed;
static unsigned vcpus = 1;

static double now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

/* Says how long the step that just ended took. */
static void step(const char *name)
{
	static double last;
	if (!timed)
		return;
	double now = now_us();
	if (last > 0)
		fprintf(stderr, "%-28s %8.1f\n", name, now - last);
	last = now_us();
}

static int control(int fd, unsigned long request, void *argument,
		   const char *name)
{
	int result = ioctl(fd, request, argument);
	if (result < 0)
		err(1, "%s", name);
	step(name);
	return result;
}
#define CONTROL(fd, request, argument)                                         \
	control(fd, request, (void *)(uintptr_t)(argument), #request)

static void *at(uint64_t address)
{
	return ram + (address - UHYVE_RAM_FIRST);
}

/* ---- The guest ----------------------------------------------------------- */

static void relocate(const Elf64_Dyn *dynamic)
{
	const Elf64_Rela *rela = NULL;
	uint64_t size = 0;
	for (; dynamic->d_tag != DT_NULL; dynamic++)
		if (dynamic->d_tag == DT_RELA)
			rela = at(LOAD + dynamic->d_un.d_ptr);
		else if (dynamic->d_tag == DT_RELASZ)
			size = dynamic->d_un.d_val;
	for (uint64_t i = 0; i < size / sizeof(*rela); i++)
		*(uint64_t *)at(LOAD + rela[i].r_offset) =
			LOAD + (uint64_t)rela[i].r_addend;
}

/* Gives the entry point. */
static uint64_t load(const char *path)
{
	int fd = open(path, O_RDONLY);
	off_t size = lseek(fd, 0, SEEK_END);
	const uint8_t *file =
		mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (fd < 0 || file == MAP_FAILED)
		err(1, "%s", path);
	close(fd);
	const Elf64_Ehdr *header = (const Elf64_Ehdr *)file;
	const Elf64_Phdr *program = (const void *)(file + header->e_phoff);
	for (int i = 0; i < header->e_phnum; i++)
		if (program[i].p_type == PT_LOAD)
			memcpy(at(LOAD + program[i].p_vaddr),
			       file + program[i].p_offset, program[i].p_filesz);
	for (int i = 0; i < header->e_phnum; i++)
		if (program[i].p_type == PT_DYNAMIC)
			relocate(at(LOAD + program[i].p_vaddr));
	step("load");
	return LOAD + header->e_entry;
}

/* Memory from the beginning of RAM on is mapped in 2 MiB pages, one GiB. */
static void make_tables(void)
{
	static const uint64_t gdt[3] = {0, 0x00af9b000000ffff,
					0x00cf93000000ffff};
	uint64_t root = UHYVE_RAM_FIRST + UHYVE_BOOT_PAGE_TABLES;
	uint64_t *tables = at(root);
	memcpy(at(UHYVE_RAM_FIRST), gdt, sizeof(gdt));
	tables[0] = (root + 0x1000) | 3;
	tables[512 + 4] = (root + 0x2000) | 3;
	for (uint64_t i = 0; i < 4; i++)
		tables[1024 + i] = (UHYVE_RAM_FIRST + i * 0x200000) | 0x83;
	struct uhyve_boot_info *info = at(UHYVE_RAM_FIRST + UHYVE_BOOT_INFO);
	info->ram_start = UHYVE_RAM_FIRST;
	info->ram_end = UHYVE_RAM_FIRST + RAM_SIZE;
	info->num_cpus = vcpus;
}

/* ---- The machine --------------------------------------------------------- */

static void make_ram(int vm)
{
	ram = mmap(NULL, RAM_SIZE, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram == MAP_FAILED)
		err(1, "mmap");
	struct kvm_userspace_memory_region region = {
		.guest_phys_addr = UHYVE_RAM_FIRST,
		.memory_size = RAM_SIZE,
		.userspace_addr = (uint64_t)(uintptr_t)ram};
	CONTROL(vm, KVM_SET_USER_MEMORY_REGION, &region);
}

static void set_features(int kvm, int vcpu)
{
	struct kvm_cpuid2 *cpuid = calloc(
		1, sizeof(*cpuid) + CPUID_ENTRIES * sizeof(cpuid->entries[0]));
	struct {
		uint32_t count, pad;
		struct kvm_msr_entry entry;
	} msrs = {.count = 1, .entry = {.index = 0x1a0, .data = 1}};
	if (!cpuid)
		err(1, "calloc");
	cpuid->nent = CPUID_ENTRIES;
	CONTROL(kvm, KVM_GET_SUPPORTED_CPUID, cpuid);
	CONTROL(vcpu, KVM_SET_CPUID2, cpuid);
	CONTROL(vcpu, KVM_SET_MSRS, &msrs);
	free(cpuid);
}

static void set_registers(int vcpu, unsigned number, uint64_t entry)
{
	struct kvm_sregs sregs;
	struct kvm_segment segment = {.limit = 0xffffffff,
				      .selector = 8,
				      .type = 11,
				      .present = 1,
				      .s = 1,
				      .l = 1,
				      .g = 1};
	struct kvm_regs regs = {.rip = entry,
				.rflags = 2,
				.rdi = UHYVE_RAM_FIRST + UHYVE_BOOT_INFO,
				.rsi = number};
	CONTROL(vcpu, KVM_GET_SREGS, &sregs);
	sregs.cs = segment;
	segment.selector = 0x10;
	segment.type = 3;
	segment.l = 0;
	sregs.ds = sregs.es = sregs.ss = segment;
	sregs.gdt.base = UHYVE_RAM_FIRST;
	sregs.gdt.limit = 23;
	sregs.cr0 = 0x80000031;
	sregs.cr3 = UHYVE_RAM_FIRST + UHYVE_BOOT_PAGE_TABLES;
	sregs.cr4 = 0x20;
	sregs.efer = 0xd00;
	CONTROL(vcpu, KVM_SET_SREGS, &sregs);
	CONTROL(vcpu, KVM_SET_REGS, &regs);
}

/* The host's part of a call, for the file's sake alone. */
static ssize_t host_call(uint16_t number, uint64_t rdi, int file)
{
	const struct uhyve_write_params *p = at(rdi);
	const struct uhyve_lseek_params *seek = at(rdi);
	uint8_t byte = (uint8_t)rdi;
	switch (number) {
	case UHYVE_SERIAL_WRITE_BYTE:
		return write(file, &byte, 1);
	case UHYVE_FILE_LSEEK:
		return lseek(file, seek->offset, (int)seek->whence);
	case UHYVE_FILE_WRITE:
		return write(file, at(p->buf.addr), p->len);
	case UHYVE_FILE_READ: /* the same layout */
		return read(file, at(p->buf.addr), p->len);
	default:
		return 0;
	}
}

/* Until Exit; the exit status. */
static int run(int vcpu, struct kvm_run *state, int file)
{
	state->kvm_valid_regs = KVM_SYNC_X86_REGS;
	for (;;) {
		if (ioctl(vcpu, KVM_RUN, 0) < 0)
			err(1, "KVM_RUN");
		if (state->exit_reason != KVM_EXIT_IO)
			errx(1, "exit reason %u", state->exit_reason);
		uint64_t rdi = state->s.regs.regs.rdi;
		if (state->io.port == UHYVE_EXIT)
			return (int)rdi & 0xff;
		if (state->io.port == UHYVE_SERIAL_WRITE_BUFFER) {
			const struct uhyve_serial_write_params *p = at(rdi);
			if (write(1, at(p->buf.addr), p->len) < 0)
				return 1;
		} else if (file >= 0 &&
			   host_call(state->io.port, rdi, file) < 0) {
			err(1, "call 0x%x", state->io.port);
		}
	}
}

struct vcpu {
	int fd, file;
	struct kvm_run *state;
	pthread_t thread;
};

static struct vcpu make_vcpu(int kvm, int vm, unsigned number, size_t size)
{
	struct vcpu vcpu = {.fd = CONTROL(vm, KVM_CREATE_VCPU, number),
			    .file = -1};
	vcpu.state = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED,
			  vcpu.fd, 0);
	if (vcpu.state == MAP_FAILED)
		err(1, "mmap");
	set_features(kvm, vcpu.fd);
	return vcpu;
}

/* The others run until vCPU 0 ends the process. */
static void *run_other(void *argument)
{
	struct vcpu *vcpu = argument;
	run(vcpu->fd, vcpu->state, vcpu->file);
	return NULL;
}

static int open_file(const char *path)
{
	int fd = open(path, O_CREAT | O_RDWR, 0600);
	if (fd < 0)
		err(1, "%s", path);
	return fd;
}

static int run_guest(const char *image, const char *file)
{
	static struct vcpu all[MAX_VCPUS];
	struct kvm_enable_cap x2apic = {.cap = KVM_CAP_X2APIC_API, .args = {3}};
	step("");
	int kvm = open("/dev/kvm", O_RDWR);
	if (kvm < 0)
		err(1, "/dev/kvm");
	step("open");
	int size = CONTROL(kvm, KVM_GET_VCPU_MMAP_SIZE, 0);
	int vm = CONTROL(kvm, KVM_CREATE_VM, 0);
	make_ram(vm);
	CONTROL(vm, KVM_SET_TSS_ADDR, 0xfffbd000);
	CONTROL(vm, KVM_CREATE_IRQCHIP, 0);
	CONTROL(vm, KVM_ENABLE_CAP, &x2apic);
	for (unsigned i = 0; i < vcpus; i++)
		all[i] = make_vcpu(kvm, vm, i, (size_t)size);
	make_tables();
	uint64_t entry = load(image);
	for (unsigned i = 0; i < vcpus; i++) {
		struct kvm_mp_state runs = {.mp_state = KVM_MP_STATE_RUNNABLE};
		set_registers(all[i].fd, i, entry);
		if (i)
			CONTROL(all[i].fd, KVM_SET_MP_STATE, &runs);
		if (file)
			all[i].file = open_file(file);
	}
	for (unsigned i = 1; i < vcpus; i++)
		if (pthread_create(&all[i].thread, NULL, run_other, &all[i]))
			errx(1, "pthread_create");
	int status = run(all[0].fd, all[0].state, all[0].file);
	step("guest");
	return status;
}

/* ---- The host's own calls ------------------------------------------------ */

static uint64_t cycles(void)
{
	uint32_t low, high;
	__asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
	return (uint64_t)high << 32 | low;
}

/* In the form of the guest's lines, from the beginning of the file. */
static void time_host(const char *name, int fd, char *buffer, size_t size,
		      unsigned calls)
{
	bool get = strncmp(name, "FileRead", 8) == 0;
	lseek(fd, 0, SEEK_SET);
	uint64_t begin = cycles();
	for (unsigned i = 0; i < calls; i++)
		if (size == 0 ? lseek(fd, 0, SEEK_SET) < 0
		    : get     ? read(fd, buffer, size) < 0
			      : write(fd, buffer, size) < 0)
			err(1, "%s", name);
	printf("%s %u %llu\n", name, calls,
	       (unsigned long long)(cycles() - begin));
}

static int run_host(int fd)
{
	char *buffer = malloc(1 << 20);
	if (!buffer)
		err(1, "malloc");
	memset(buffer, 1, 1 << 20);
	double us = now_us();
	uint64_t begin = cycles();
	for (unsigned round = 0; round < 20; round++) {
		time_host("SerialWriteByte", fd, buffer, 1, 20);
		time_host("FileLseek", fd, buffer, 0, 20);
		time_host("FileWrite-4KiB", fd, buffer, 4096, 20);
		time_host("FileRead-4KiB", fd, buffer, 4096, 20);
		time_host("FileWrite-1MiB", fd, buffer, 1 << 20, 2);
		time_host("FileRead-1MiB", fd, buffer, 1 << 20, 2);
	}
	printf("cycles-per-ms 1 %.0f\n",
	       (double)(cycles() - begin) / (now_us() - us) * 1e3);
	free(buffer);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "--host") == 0)
		return run_host(open_file(argv[2]));
	timed = argc == 3 && strcmp(argv[1], "--times") == 0;
	if (timed)
		return run_guest(argv[2], NULL);
	if (argc == 5 && strcmp(argv[1], "--vcpus") == 0) {
		vcpus = (unsigned)strtoul(argv[2], NULL, 10);
		if (!vcpus || vcpus > MAX_VCPUS)
			errx(2, "1 to %d vCPUs", MAX_VCPUS);
		return run_guest(argv[3], argv[4]);
	}
	if (argc < 2 || argc > 3)
		errx(2, "usage: floor [--times] IMAGE | floor IMAGE FILE | "
			"floor --vcpus N IMAGE FILE | floor --host FILE");
	return run_guest(argv[1], argv[2]);
}
