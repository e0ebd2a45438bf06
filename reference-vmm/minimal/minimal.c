/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A hypervisor of one file, the starting point of docs/first-hypervisor.md: Exit
 * and the serial calls, one vCPU, x86-64. It is NOT hardened (no seccomp, no
 * Landlock); numbers of guest and image are checked before they become pointers.
 *
 *	minimal [--memory MIB] [--mapping HOST:GUEST]... IMAGE [WORD...]
 *
 * The words become bootargs; mappings are ignored, there are no file calls yet.
 * Status: the guest's; 1 for what does not fit; 2 when the guest fell over.
 */
#include <elf.h>
#include <err.h>
#include <fcntl.h>
#include <libfdt.h>
#include <linux/kvm.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <uhyve_interface/boot.h>
#include <unistd.h>

#define STATUS_REFUSED 1
#define STATUS_FELL 2
#define RAM UHYVE_RAM_FIRST

static uint8_t *ram;
static uint64_t ram_size;

/* len bytes at a guest-physical address, or NULL where they are not all RAM. */
static void *at(uint64_t gpa, uint64_t len)
{
	bool in = gpa >= RAM && len <= ram_size && gpa - RAM <= ram_size - len;
	return in ? ram + (gpa - RAM) : NULL;
}

/* ---- The image ------------------------------------------------------------ */

static const uint8_t *file;
static uint64_t file_size;
static const Elf64_Ehdr *header;
static const Elf64_Phdr *segments;
static uint64_t image_load, image_start, image_end; /* guest-physical */
static bool entered; /* whether a segment holds the entry point */

static void refuse(bool when, const char *why)
{
	if (when)
		errx(STATUS_REFUSED, "the image is refused: %s", why);
}

/* len bytes of the file. */
static const void *file_at(uint64_t offset, uint64_t len)
{
	refuse(len > file_size || offset > file_size - len, "it is cut off");
	return file + offset;
}

/* UHY-BOOT-010 to 016; OS/ABI is not looked at (UHY-BOOT-003). */
static void read_file(const char *path)
{
	struct stat stat;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &stat) < 0)
		err(STATUS_REFUSED, "%s", path);
	file_size = (uint64_t)stat.st_size;
	file = mmap(NULL, file_size, PROT_READ, MAP_PRIVATE, fd, 0);
	refuse(file == MAP_FAILED, "it is not a file with content");
	header = file_at(0, sizeof(*header));
	const uint8_t *ident = header->e_ident;
	refuse(memcmp(ident, ELFMAG, SELFMAG) != 0, "it is no ELF file");
	refuse(ident[EI_CLASS] != ELFCLASS64 || ident[EI_DATA] != ELFDATA2LSB ||
		       header->e_machine != EM_X86_64,
	       "it is not for x86-64");
	refuse(header->e_type != ET_DYN && header->e_type != ET_EXEC,
	       "it is not an executable");
	refuse(header->e_phentsize != sizeof(*segments) || header->e_phoff % 8,
	       "its program headers are unknown");
	segments =
		file_at(header->e_phoff, header->e_phnum * sizeof(*segments));
}

/* UHY-BOOT-018, UHY-VER-002: the notes are looked for as the bytes that they are. */
static void check_notes(const Elf64_Phdr *notes)
{
	const char entry[] = "\7\0\0\0\1\0\0\0\0Z\0\0HERMIT\0\0\4";
	const char version[] = "\10\0\0\0\4\0\0\0\0[\0\0UHYVEIF\0\0\0\0\2";
	refuse(!notes, "it has no notes");
	uint64_t size = notes->p_filesz;
	const void *in = file_at(notes->p_offset, size);
	refuse(!memmem(in, size, entry, sizeof(entry) - 1), "no entry note");
	refuse(!memmem(in, size, version, sizeof(version) - 1),
	       "it is not of interface version 2");
}

/* One PT_LOAD segment comes into memory; image_end grows. */
static void load_segment(const Elf64_Phdr *segment)
{
	uint64_t to = image_load + segment->p_vaddr;
	refuse(segment->p_filesz > segment->p_memsz, "a segment is too small");
	refuse(!at(to, segment->p_memsz), "it does not fit into RAM");
	refuse(to < RAM + UHYVE_BOOT_IMAGE, "it is linked too low");
	refuse(image_end && to < image_end, "its segments overlap");
	if (!image_end)
		image_start = to;
	image_end = to + segment->p_memsz;
	entered |= header->e_entry - segment->p_vaddr < segment->p_memsz;
	memcpy(at(to, segment->p_filesz),
	       file_at(segment->p_offset, segment->p_filesz),
	       segment->p_filesz);
}

/* UHY-BOOT-036. Relocations that name a symbol (UHY-BOOT-037) are refused. */
static void relocate(const Elf64_Phdr *dynamic)
{
	uint64_t table = 0, size = 0;
	Elf64_Dyn entry;
	if (!dynamic)
		return;
	const uint8_t *entries = file_at(dynamic->p_offset, dynamic->p_filesz);
	for (uint64_t i = 0; i < dynamic->p_filesz / sizeof(entry); i++) {
		memcpy(&entry, entries + i * sizeof(entry), sizeof(entry));
		if (entry.d_tag == DT_RELA)
			table = image_load + entry.d_un.d_ptr;
		if (entry.d_tag == DT_RELASZ)
			size = entry.d_un.d_val;
	}
	const uint8_t *relas = at(table, size);
	refuse(size && !relas, "its relocations lie outside RAM");
	for (Elf64_Rela rela; size >= sizeof(rela); size -= sizeof(rela)) {
		memcpy(&rela, relas, sizeof(rela));
		relas += sizeof(rela);
		uint64_t slot = image_load + rela.r_offset;
		uint64_t value = image_load + (uint64_t)rela.r_addend;
		refuse(rela.r_info != R_X86_64_RELATIVE || !at(slot, 8) ||
			       slot < image_start || slot + 8 > image_end,
		       "it has a relocation of a kind or at a place unknown");
		memcpy(at(slot, 8), &value, 8);
	}
}

static const Elf64_Phdr *find(uint32_t type)
{
	for (unsigned i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == type)
			return &segments[i];
	return NULL;
}

/* Gives the entry point. */
static uint64_t load_image(const char *path)
{
	read_file(path);
	check_notes(find(PT_NOTE));
	image_load = header->e_type == ET_DYN ? RAM + UHYVE_BOOT_IMAGE : 0;
	for (unsigned i = 0; i < header->e_phnum; i++)
		if (segments[i].p_type == PT_LOAD)
			load_segment(&segments[i]);
	refuse(!entered, "its entry point lies in none of its segments");
	if (header->e_type == ET_DYN)
		relocate(find(PT_DYNAMIC));
	return image_load + header->e_entry;
}

/* ---- What the guest finds at its start ------------------------------------- */

static void write_device_tree(char **words)
{
	void *fdt = at(RAM + UHYVE_BOOT_FDT, UHYVE_BOOT_FDT_MAX);
	char args[UHYVE_BOOT_FDT_MAX] = "";
	fdt64_t reg[2] = {cpu_to_fdt64(RAM), cpu_to_fdt64(ram_size)};
	int bad = 0;
	for (size_t used = 0; *words && used < sizeof(args); words++)
		used += (size_t)snprintf(args + used, sizeof(args) - used,
					 "%s%s", used ? " " : "", *words);
	bad |= fdt_create(fdt, UHYVE_BOOT_FDT_MAX);
	bad |= fdt_finish_reservemap(fdt) | fdt_begin_node(fdt, "");
	bad |= fdt_property_string(fdt, "compatible", "hermit,uhyve");
	bad |= fdt_property_u32(fdt, "#address-cells", 2);
	bad |= fdt_property_u32(fdt, "#size-cells", 2);
	bad |= fdt_begin_node(fdt, "memory@100000000");
	bad |= fdt_property_string(fdt, "device_type", "memory");
	bad |= fdt_property(fdt, "reg", reg, sizeof(reg)) | fdt_end_node(fdt);
	bad |= fdt_begin_node(fdt, "cpus");
	bad |= fdt_property_u32(fdt, "#address-cells", 1);
	bad |= fdt_property_u32(fdt, "#size-cells", 0);
	bad |= fdt_begin_node(fdt, "cpu@0");
	bad |= fdt_property(fdt, "device_type", "cpu", 4);
	bad |= fdt_end_node(fdt) | fdt_end_node(fdt);
	bad |= fdt_begin_node(fdt, "chosen");
	bad |= fdt_property(fdt, "bootargs", args, (int)strlen(args) + 1);
	bad |= fdt_end_node(fdt) | fdt_end_node(fdt) | fdt_finish(fdt);
	if (bad)
		errx(STATUS_REFUSED, "the guest's arguments are too long");
}

static void write_boot_info(void)
{
	const Elf64_Phdr *found = find(PT_TLS);
	Elf64_Phdr tls = found ? *found : (Elf64_Phdr){0};
	struct uhyve_boot_info info = {
		.ram_start = RAM,
		.ram_end = RAM + ram_size,
		.serial_port_base = UHYVE_BOOT_SERIAL_BASE,
		.device_tree = {RAM + UHYVE_BOOT_FDT},
		.image_start = image_start,
		.image_end = image_end,
		.tls_start = tls.p_memsz ? image_load + tls.p_vaddr : 0,
		.tls_filesz = tls.p_filesz,
		.tls_memsz = tls.p_memsz,
		.tls_align = tls.p_align,
		.platform = UHYVE_BOOT_PLATFORM_UHYVE,
		.num_cpus = 1,
		.boot_time_ns_low = (uint64_t)time(NULL) * 1000000000,
	};
	memcpy(at(RAM + UHYVE_BOOT_INFO, sizeof(info)), &info, sizeof(info));
}

/*
 * All of RAM one to one in pages of 2 MiB: a root, a table of gigabytes, then a
 * table for each gigabyte. The root's last entry is the root (UHY-BOOT-056).
 */
static void write_tables(void)
{
	static const uint64_t gdt[] = {0, 0xaf9b000000ffff, 0xcf93000000ffff};
	const uint64_t root = RAM + UHYVE_BOOT_PAGE_TABLES, size = 0x1000;
	const uint64_t writable = 3, large = 0x80;
	memcpy(at(RAM + UHYVE_BOOT_GDT, sizeof(gdt)), gdt, sizeof(gdt));
	uint64_t *entries = at(root, 18 * size);
	entries[0] = (root + size) | writable;
	entries[511] = root | writable;
	for (uint64_t page = RAM; page < RAM + ram_size; page += 0x200000) {
		uint64_t gigabyte = (page - RAM) >> 30;
		entries[512 + (page >> 30)] =
			(root + (2 + gigabyte) * size) | writable;
		entries[512 * (2 + gigabyte) + (page >> 21) % 512] =
			page | writable | large;
	}
}

static void console(const uint8_t *from, uint64_t len)
{
	for (ssize_t n; len > 0 && (n = write(1, from, len)) > 0; from += n)
		len -= (uint64_t)n;
}

/* At most len bytes of input; 0 at its end, and when nothing has arrived yet. */
static uint64_t input(void *to, uint64_t len)
{
	struct pollfd ready = {.fd = 0, .events = POLLIN};
	bool some = to && len && poll(&ready, 1, 0) == 1;
	ssize_t n = some ? read(0, to, len) : 0;
	return n > 0 ? (uint64_t)n : 0;
}

/* Copies a block and gives its place; one that is not in RAM is a guest's end. */
static void *block(uint64_t gpa, void *to, uint64_t size)
{
	if (!at(gpa, size))
		errx(STATUS_FELL, "no block at 0x%llx", (long long)gpa);
	return memcpy(to, at(gpa, size), size), at(gpa, size);
}

/* The next call is a case here; a number without one is ignored. */
static void call(uint16_t number, uint64_t argument)
{
	const uint8_t byte = (uint8_t)argument;
	struct uhyve_serial_write_params out;
	struct uhyve_serial_read_params in;
	void *place;
	switch (number) {
	case UHYVE_EXIT:
		exit(byte);
	case UHYVE_SERIAL_WRITE_BYTE:
		console(&byte, 1);
		break;
	case UHYVE_SERIAL_WRITE_BUFFER:
		block(argument, &out, sizeof(out));
		if (at(out.buf.addr, out.len))
			console(at(out.buf.addr, out.len), out.len);
		break;
	case UHYVE_SERIAL_READ_BUFFER:
		place = block(argument, &in, sizeof(in));
		in.len = input(at(in.buf.addr, in.maxlen), in.maxlen);
		memcpy(place, &in, sizeof(in));
		break;
	}
}

/* ---- The machine -------------------------------------------------------------- */

static int control(int fd, unsigned long request, const void *with)
{
	int result = ioctl(fd, request, with);
	if (result < 0)
		err(STATUS_REFUSED, "KVM: request 0x%lx", request);
	return result;
}

static void set_cpu(int kvm, int cpu, uint64_t entry)
{
	static uint64_t room[1 + 256 * 5]; /* entries of 40 bytes */
	struct kvm_cpuid2 *cpuid = (struct kvm_cpuid2 *)room;
	cpuid->nent = 256;
	control(kvm, KVM_GET_SUPPORTED_CPUID, cpuid);
	control(cpu, KVM_SET_CPUID2, cpuid);
	struct kvm_sregs sregs;
	control(cpu, KVM_GET_SREGS, &sregs);
	/* Base, limit, selector, type, present, dpl, db, s, l, g. */
	sregs.cs =
		(struct kvm_segment){0, ~0u, 8, 11, 1, 0, 0, 1, 1, 1, 0, 0, 0};
	sregs.ds =
		(struct kvm_segment){0, ~0u, 16, 3, 1, 0, 0, 1, 0, 1, 0, 0, 0};
	sregs.es = sregs.ss = sregs.ds;
	sregs.gdt = (struct kvm_dtable){RAM + UHYVE_BOOT_GDT, 23, {0}};
	sregs.cr0 = 0x80000031; /* paging, protected mode */
	sregs.cr3 = RAM + UHYVE_BOOT_PAGE_TABLES;
	sregs.cr4 = 0x20;   /* PAE */
	sregs.efer = 0xd00; /* long mode, no-execute */
	control(cpu, KVM_SET_SREGS, &sregs);
	control(cpu, KVM_SET_REGS,
		&(struct kvm_regs){.rip = entry,
				   .rdi = RAM + UHYVE_BOOT_INFO,
				   .rsp = image_start - UHYVE_BOOT_STACK_SIZE,
				   .rflags = 2});
}

/* Each element of string I/O is a call of its own. */
static void port_io(const struct kvm_run *run, int cpu)
{
	uint8_t *data = (uint8_t *)run + run->io.data_offset, byte;
	struct kvm_regs regs;
	control(cpu, KVM_GET_REGS, &regs);
	for (uint32_t i = 0; i < run->io.count; i++, data += run->io.size) {
		uint32_t value = UHYVE_SERIAL_NO_BYTE;
		if (run->io.port == UHYVE_SERIAL_READ_BYTE &&
		    run->io.direction == KVM_EXIT_IO_IN && input(&byte, 1))
			value = byte;
		if (run->io.direction == KVM_EXIT_IO_OUT)
			call(run->io.port, regs.rdi);
		else
			memcpy(data, &value, run->io.size);
	}
}

static void run_guest(uint64_t entry)
{
	int kvm = open("/dev/kvm", O_RDWR | O_CLOEXEC);
	if (kvm < 0)
		err(STATUS_REFUSED, "/dev/kvm");
	int vm = control(kvm, KVM_CREATE_VM, NULL);
	control(vm, KVM_SET_TSS_ADDR, (void *)0xfffbd000);
	control(vm, KVM_CREATE_IRQCHIP, NULL);
	struct kvm_userspace_memory_region region = {0, 0, RAM, ram_size,
						     (uintptr_t)ram};
	control(vm, KVM_SET_USER_MEMORY_REGION, &region);
	int cpu = control(vm, KVM_CREATE_VCPU, NULL);
	size_t size = (size_t)control(kvm, KVM_GET_VCPU_MMAP_SIZE, NULL);
	struct kvm_run *run =
		mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, cpu, 0);
	if (run == MAP_FAILED)
		err(STATUS_REFUSED, "vCPU");
	set_cpu(kvm, cpu, entry);
	for (;;) {
		control(cpu, KVM_RUN, NULL);
		if (run->exit_reason == KVM_EXIT_IO)
			port_io(run, cpu);
		else if (run->exit_reason == KVM_EXIT_MMIO)
			memset(run->mmio.data, 0, sizeof(run->mmio.data));
		else
			errx(STATUS_FELL, "KVM exit %u", run->exit_reason);
	}
}

int main(int argc, char **argv)
{
	(void)argc;
	long memory = 64;
	for (argv++; *argv && !strncmp(*argv, "--", 2) && argv[1]; argv += 2)
		if (!strcmp(*argv, "--memory"))
			memory = strtol(argv[1], NULL, 10);
	if (!*argv || memory < 2 || memory > 16384)
		errx(STATUS_REFUSED, "usage: minimal [--memory MIB] IMAGE ...");
	ram_size = (uint64_t)memory << 20;
	ram = mmap(NULL, ram_size, PROT_READ | PROT_WRITE,
		   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (ram == MAP_FAILED)
		err(STATUS_REFUSED, "memory");
	uint64_t entry = load_image(*argv++);
	write_device_tree(argv);
	write_boot_info();
	write_tables();
	run_guest(entry);
}
