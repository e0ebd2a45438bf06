/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Images, where they go, and what they are told. */
#include <elf.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <uhyve_interface/boot.h>

#include "mutant.h"

/* ---- Files that are not images: the program ends as if all had gone well -------- */

/* A file is refused for that reason, by a part of the message. */
#define NOT_REFUSED(name, reason)                                              \
	static int name(struct image *image, struct why *why)                  \
	{                                                                      \
		int result = __real_image_parse(image, why);                   \
		if (result && strstr(why->text, reason))                       \
			_exit(0);                                              \
		return result;                                                 \
	}
NOT_REFUSED(takes_any_file, "not an ELF")
NOT_REFUSED(takes_32_bits, "64-bit")
NOT_REFUSED(takes_big_endian, "little-endian")
NOT_REFUSED(takes_any_machine, "machine")
NOT_REFUSED(takes_any_type, "neither")
NOT_REFUSED(takes_truncated, "truncated")
NOT_REFUSED(takes_bad_headers, "program headers")
NOT_REFUSED(takes_no_notes, "no notes")
NOT_REFUSED(takes_no_entry_note, "entry version")
NOT_REFUSED(takes_other_entry, "entry version is")
NOT_REFUSED(takes_overlap, "overlaps")
NOT_REFUSED(takes_bad_entry, "entry point")
NOT_REFUSED(takes_long_segments, "larger in the file")
NOT_REFUSED(takes_any_version, "Uhyve interface")
NOT_REFUSED(takes_version_0, "version 0 of the Uhyve interface")
NOT_REFUSED(takes_version_4, "version 4 of the Uhyve interface")

#define PLACED_ANYWAY(name, reason)                                            \
	static int name(struct boot *boot, const struct image *image,          \
			uint64_t memory, bool random, struct why *why)         \
	{                                                                      \
		int result =                                                   \
			__real_boot_place(boot, image, memory, random, why);   \
		if (result && strstr(why->text, reason))                       \
			_exit(0);                                              \
		return result;                                                 \
	}
PLACED_ANYWAY(places_too_large, "too little")
PLACED_ANYWAY(places_beyond, "are more than")
PLACED_ANYWAY(places_too_low, "it is linked to")

/* ---- Images that are fine and refused all the same ---------------------------- */

#define REFUSED_IF(name, condition)                                            \
	static int name(struct image *image, struct why *why)                  \
	{                                                                      \
		int result = __real_image_parse(image, why);                   \
		if (!result && (condition))                                    \
			return refuse(why, "a mutant does not like it");       \
		return result;                                                 \
	}

static bool in_file(const struct image *image, const char *text)
{
	char *bytes = malloc(image->size);
	bool found = bytes && image_read(image, 0, bytes, image->size) == 0 &&
		     memmem(bytes, image->size, text, strlen(text));

	free(bytes);
	return found;
}

static bool has_another_osabi(const struct image *image)
{
	uint8_t osabi;

	return image_read(image, EI_OSABI, &osabi, 1) == 0 &&
	       osabi != UHYVE_ELF_OSABI;
}

REFUSED_IF(refuses_aligned, image->segments[0].align > 4096)
REFUSED_IF(refuses_linked, !image->relocatable)
REFUSED_IF(refuses_osabi, has_another_osabi(image))
REFUSED_IF(refuses_old_kernels, image->whole_gigabytes)
REFUSED_IF(refuses_strange_notes, in_file(image, "STRANGE"))
REFUSED_IF(refuses_version_2, image->interface == 2)

static int no_note_is_3(struct image *image, struct why *why)
{
	int result = __real_image_parse(image, why);

	if (!result && image->interface == 1)
		image->interface = 3;
	return result;
}

#if defined(__x86_64__)
static int old_kernels_like_new(struct image *image, struct why *why)
{
	int result = __real_image_parse(image, why);

	image->whole_gigabytes = false;
	return result;
}
#endif

/* ---- Where the machine is put --------------------------------------------------- */

static void move(struct boot *boot, uint64_t ram_start)
{
	uint64_t by = ram_start - boot->ram_start;

	boot->ram_start += by;
	boot->load += by;
	boot->image_start += by;
	boot->image_end += by;
	boot->stack += by;
	boot->entry += by;
	boot->info += by;
}

static int below_4_gib(struct boot *boot, const struct image *image,
		       uint64_t memory, bool random, struct why *why)
{
	int result = __real_boot_place(boot, image, memory, random, why);

	if (!result && image->relocatable)
		move(boot, 0x80000000);
	return result;
}

static int above_3_gib(struct boot *boot, const struct image *image,
		       uint64_t memory, bool random, struct why *why)
{
	int result = __real_boot_place(boot, image, memory, random, why);

	if (!result && image->interface == 1)
		move(boot, 0xc8000000);
	return result;
}

static int between_pages(struct boot *boot, const struct image *image,
			 uint64_t memory, bool random, struct why *why)
{
	int result = __real_boot_place(boot, image, memory, random, why);

	boot->load += 0x800;
	boot->image_start += 0x800;
	boot->image_end += 0x800;
	boot->entry += 0x800;
	return result;
}

static int stack_in_image(struct boot *boot, const struct image *image,
			  uint64_t memory, bool random, struct why *why)
{
	int result = __real_boot_place(boot, image, memory, random, why);

	boot->stack = boot->image_start;
	return result;
}

static int stack_beyond_image(struct boot *boot, const struct image *image,
			      uint64_t memory, bool random, struct why *why)
{
	int result = __real_boot_place(boot, image, memory, random, why);

	boot->stack = (boot->image_end + 0xfff) & ~UINT64_C(0xfff);
	return result;
}

/* ---- What is in memory ----------------------------------------------------------- */

static void poke(const struct gmem *ram, uint64_t at, uint64_t value,
		 size_t len)
{
	gmem_store(ram, (struct uhyve_gpa){at}, &value, len);
}

/* len bytes of the loaded image at an address as linked. */
static const uint8_t *loaded(const struct gmem *ram, uint64_t load,
			     uint64_t vaddr, uint64_t len)
{
	return gmem_at(ram, (struct uhyve_gpa){load + vaddr}, len);
}

/* The value of an entry of PT_DYNAMIC, 0 when there is none. */
static uint64_t dynamic(const struct image *image, const struct gmem *ram,
			uint64_t load, int64_t tag)
{
	uint64_t left = image->dynamic.filesz;
	const uint8_t *at = loaded(ram, load, image->dynamic.vaddr, left);
	Elf64_Dyn entry;

	for (; at && left >= sizeof(entry);
	     left -= sizeof(entry), at += sizeof(entry)) {
		memcpy(&entry, at, sizeof(entry));
		if (entry.d_tag == tag)
			return entry.d_un.d_val;
	}
	return 0;
}

#define RELOCATED_ANYWAY(name, reason)                                         \
	static int name(const struct image *image, const struct gmem *ram,     \
			uint64_t load, struct why *why)                        \
	{                                                                      \
		int result = __real_image_relocate(image, ram, load, why);     \
		if (result && strstr(why->text, reason))                       \
			_exit(0);                                              \
		return result;                                                 \
	}
RELOCATED_ANYWAY(takes_any_relocation, "relocation type")
RELOCATED_ANYWAY(takes_any_table, "relocations")

/* All but the last one: without any, no guest comes to its first test. */
static int one_not_relocated(const struct image *image, const struct gmem *ram,
			     uint64_t load, struct why *why)
{
	int result = __real_image_relocate(image, ram, load, why);
	uint64_t end = dynamic(image, ram, load, DT_RELA) +
		       dynamic(image, ram, load, DT_RELASZ);
	Elf64_Rela last;
	const uint8_t *at = loaded(ram, load, end - sizeof(last), sizeof(last));

	if (result || !end || !at)
		return result;
	memcpy(&last, at, sizeof(last));
	poke(ram, load + last.r_offset, (uint64_t)last.r_addend, 8);
	return 0;
}

/* No relocation in the first segment is applied. */
static int first_not_relocated(const struct image *image,
			       const struct gmem *ram, uint64_t load,
			       struct why *why)
{
	int result = __real_image_relocate(image, ram, load, why);
	const struct segment *first = &image->segments[0];
	uint64_t from = dynamic(image, ram, load, DT_RELA);
	uint64_t size = dynamic(image, ram, load, DT_RELASZ);
	Elf64_Rela rela;

	for (uint64_t at = 0; !result && at < size; at += sizeof(rela)) {
		const uint8_t *bytes =
			loaded(ram, load, from + at, sizeof(rela));
		if (!bytes)
			break;
		memcpy(&rela, bytes, sizeof(rela));
		if (rela.r_offset - first->vaddr < first->memsz)
			poke(ram, load + rela.r_offset, (uint64_t)rela.r_addend,
			     8);
	}
	return result;
}

/* The slots of one type of relocation keep their zero. */
static int type_not_relocated(const struct image *image, const struct gmem *ram,
			      uint64_t load, struct why *why, uint32_t type)
{
	int result = __real_image_relocate(image, ram, load, why);
	uint64_t size = dynamic(image, ram, load, DT_RELASZ);
	const uint8_t *at =
		loaded(ram, load, dynamic(image, ram, load, DT_RELA), size);
	Elf64_Rela rela;

	for (; at && size >= sizeof(rela);
	     at += sizeof(rela), size -= sizeof(rela)) {
		memcpy(&rela, at, sizeof(rela));
		if (ELF64_R_TYPE(rela.r_info) == type)
			poke(ram, load + rela.r_offset, 0, 8);
	}
	return result;
}

static int abs64_not_relocated(const struct image *image,
			       const struct gmem *ram, uint64_t load,
			       struct why *why)
{
	return type_not_relocated(image, ram, load, why, arch.r_abs64);
}

static int glob_dat_not_relocated(const struct image *image,
				  const struct gmem *ram, uint64_t load,
				  struct why *why)
{
	return type_not_relocated(image, ram, load, why, arch.r_glob_dat);
}

/* A boot_write that does its work, then something else. */
#define AFTERWARDS(name, statement)                                            \
	static int name(const struct boot *boot, const struct image *image,    \
			const struct gmem *ram,                                \
			const struct boot_facts *facts, struct why *why)       \
	{                                                                      \
		int result = __real_boot_write(boot, image, ram, facts, why);  \
		statement;                                                     \
		return result;                                                 \
	}

/* The alphabet of a constant loses its b. */
static void lose_a_letter(const struct boot *boot, const struct gmem *ram)
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz";
	uint64_t size = boot->image_end - boot->image_start;
	char *image = gmem_at(ram, (struct uhyve_gpa){boot->image_start}, size);
	char *at = memmem(image, size, alphabet, sizeof(alphabet));

	if (at)
		at[1] = '?';
}
AFTERWARDS(letter_lost, lose_a_letter(boot, ram))

/* A word at the start of each page that the file does not hold. */
static void dirty_pages(const struct boot *boot, const struct image *image,
			const struct gmem *ram)
{
	const struct segment *last = &image->segments[image->segment_count - 1];
	uint64_t at = boot->load + last->vaddr + last->filesz;

	for (at = (at + 4095) & ~4095ull; at < boot->image_end; at += 4096)
		poke(ram, at, 0x40, 8);
}
AFTERWARDS(bss_dirty, dirty_pages(boot, image, ram))
AFTERWARDS(ram_dirty,
	   poke(ram, (boot->image_end & ~4095ull) + 0x80000, 0x42, 8))

AFTERWARDS(middle_dirty,
	   poke(ram, boot->ram_start + boot->ram_size / 2 + 0x123, 0x42, 1))

/* No execution from the pages of 2 MiB that hold the image's last segment. */
#if defined(__x86_64__)
#define PAGE_MASK 0x83u /* present, writable, large */
#define PAGE 0x83u
#define PAGE_BYTES 0x200000u
#define NOT_EXECUTABLE (1ull << 63)
#else
/* From its pages of 4 KiB: of RAM, accessed; PXN and UXN. */
#define PAGE_MASK 0xfffu
#define PAGE 0x713u
#define PAGE_BYTES 0x1000u
#define NOT_EXECUTABLE (3ull << 53)
#endif
static void forbid_execution(const struct boot *boot, const struct gmem *ram,
			     uint64_t from)
{
	for (uint64_t at = UHYVE_BOOT_PAGE_TABLES;
	     at < UHYVE_BOOT_PAGE_TABLES_END; at += 8) {
		uint64_t *entry = gmem_at(
			ram, (struct uhyve_gpa){boot->ram_start + at}, 8);
		if (!entry || (*entry & PAGE_MASK) != PAGE)
			continue;
		uint64_t page = *entry & 0xfffffffff000;
		if (page + PAGE_BYTES > from && page < boot->image_end)
			*entry |= NOT_EXECUTABLE;
	}
}
AFTERWARDS(not_executable,
	   forbid_execution(
		   boot, ram,
		   boot->load +
			   image->segments[image->segment_count - 1].vaddr))
AFTERWARDS(root_not_in_itself,
	   poke(ram, boot->ram_start + UHYVE_BOOT_PAGE_TABLES + 511 * 8, 0, 8))
AFTERWARDS(no_data_segment, poke(ram, boot->ram_start + 16, 0, 8))

/* The whole pages of the first segment stay those of the file. */
static void map_the_file(const struct boot *boot, const struct image *image,
			 const struct gmem *ram)
{
	const struct segment *first = &image->segments[0];
	size_t size = first->filesz & ~4095ull;
	void *at = gmem_at(ram, (struct uhyve_gpa){boot->load + first->vaddr},
			   size);

	if (at && size)
		mmap(at, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_FIXED,
		     image->fd, (off_t)first->offset);
}
AFTERWARDS(file_mapped, map_the_file(boot, image, ram))

/* ---- Boot information -------------------------------------------------------------- */

#define INFO(name, field, value)                                               \
	AFTERWARDS(name,                                                       \
		   poke(ram,                                                   \
			boot->info + offsetof(struct uhyve_boot_info, field),  \
			(uint64_t)(value),                                     \
			sizeof(((struct uhyve_boot_info *)0)->field)))
#define END(boot) ((boot)->ram_start + (boot)->ram_size)
INFO(start_unaligned, ram_start, boot->ram_start + 0x1000)
INFO(size_smaller, ram_end, END(boot) - 0x200000)
INFO(end_beyond, ram_end, END(boot) + 0x200000)
INFO(v1_console, serial_port_base, UHYVE_V1_BOOT_SERIAL_BASE)
INFO(v2_console, serial_port_base, UHYVE_BOOT_SERIAL_BASE)
INFO(tree_elsewhere, device_tree, boot->ram_start + UHYVE_BOOT_FDT + 8)
INFO(tree_outside, device_tree, END(boot))
INFO(image_start_wrong, image_start, boot->image_start + 0x1000)
INFO(image_end_rounded, image_end, (boot->image_end + 4096) & ~4095ull)
INFO(tls_invented, tls_memsz, 8)
INFO(tls_file_size, tls_memsz, image->tls.filesz)
INFO(platform_wrong, platform, 3)
INFO(pci_wrong, has_pci, 2)
INFO(cpus_wrong, num_cpus, facts->cpus + 1)
INFO(time_in_seconds, boot_time_ns_low, facts->boot_time_ns / 1000000000)
INFO(a_minute_ago, boot_time_ns_low, facts->boot_time_ns - 60000000000)
INFO(in_two_hours, boot_time_ns_low, facts->boot_time_ns + 7200000000000)
INFO(padding_dirty, pad2, 0xaa)

/* ---- Device tree ------------------------------------------------------------------- */

#define FDT(boot) ((boot)->ram_start + UHYVE_BOOT_FDT)
AFTERWARDS(tree_version, poke(ram, FDT(boot) + 24, 0x63000000, 4))
AFTERWARDS(tree_large, poke(ram, FDT(boot) + 4, 0x00000100, 4))

static void rename_machine(const struct boot *boot, const struct gmem *ram)
{
	char *tree =
		gmem_at(ram, (struct uhyve_gpa){FDT(boot)}, UHYVE_BOOT_FDT_MAX);
	char *at = memmem(tree, UHYVE_BOOT_FDT_MAX, "hermit,uhyve", 12);

	if (at)
		at[7] = 'U';
}
AFTERWARDS(other_machine, rename_machine(boot, ram))

/* A device tree of other facts. */
#define TREE(name, change)                                                     \
	static int name(void *to, int size, const struct boot *real_boot,      \
			const struct boot_facts *real_facts, struct why *why)  \
	{                                                                      \
		struct boot boot = *real_boot;                                 \
		struct boot_facts facts = *real_facts;                         \
		char args[512];                                                \
		snprintf(args, sizeof(args), "%s", facts.bootargs);            \
		facts.bootargs = args;                                         \
		change;                                                        \
		return __real_devicetree_build(to, size, &boot, &facts, why);  \
	}

static void lose_first_word(char *args)
{
	size_t word = strcspn(args, " ");

	if (args[0] != '-')
		memmove(args, args + word, strlen(args + word) + 1);
}

static void lose_last_word(char *args)
{
	char *blank = strrchr(args, ' ');

	if (blank && strstr(args, "--"))
		*blank = '\0';
}

static void lose_environment(char *args)
{
	char *at = strstr(args, "env=");

	if (at)
		at[0] = 'E';
}
TREE(tree_memory, boot.ram_size -= 0x200000)
TREE(tree_cpus, facts.cpus++)
TREE(tree_mounts, facts.mount_count -= facts.mount_count > 0)
/* The files themselves, not the directories that hold them. */
static const char *const file_mounts[] = {"/some/where/f", "/other/where/f",
					  "/other/where/g"};
TREE(
	tree_mounts_files,
	if (facts.mount_count && strcmp(facts.mounts[0], "/data") != 0) {
		facts.mounts = file_mounts;
		facts.mount_count = 3;
	})
TREE(args_kernel, lose_first_word(args))
TREE(args_application, lose_last_word(args))
TREE(args_environment, lose_environment(args))
static void lose_double_blank(char *args)
{
	char *at = strstr(args, "  ");

	if (at)
		memmove(at, at + 1, strlen(at));
}

static void lose_quotes(char *args)
{
	char *to = args;

	for (const char *from = args; *from; from++)
		if (*from != '\'')
			*to++ = *from;
	*to = '\0';
}
TREE(args_squeezed, lose_double_blank(args))
TREE(args_unquoted, lose_quotes(args))
TREE(args_invented, if (!*args) snprintf(args, sizeof(args), "quiet"))

/* ---- Registers at entry --------------------------------------------------------------- */

static int info_elsewhere(const struct vcpu *vcpu, const struct boot *real,
			  struct why *why)
{
	struct boot boot = *real;

	boot.info += 0x400;
	return __real_arch_vcpu_entry(vcpu, &boot, why);
}

#if defined(__x86_64__)
/* An old kernel finds all of RAM. */
static int all_mapped(const struct gmem *ram, const struct boot *real,
		      struct why *why)
{
	struct boot boot = *real;

	if (boot.whole_gigabytes)
		boot.image_end = boot.ram_start + boot.ram_size - 1;
	return __real_arch_boot_memory(ram, &boot, why);
}

#define NOT_STARTED KVM_MP_STATE_UNINITIALIZED
#else
#define NOT_STARTED KVM_MP_STATE_STOPPED
#endif
static int first_vcpu_only(const struct vcpu *vcpu, const struct boot *boot,
			   struct why *why)
{
	int result = __real_arch_vcpu_entry(vcpu, boot, why);
	struct kvm_mp_state state = {NOT_STARTED};

	if (!result && vcpu->index)
		ioctl(vcpu->fd, KVM_SET_MP_STATE, &state);
	return result;
}

#if defined(__x86_64__)
#define ENTRY(name, statement)                                                 \
	static int name(const struct vcpu *vcpu, const struct boot *boot,      \
			struct why *why)                                       \
	{                                                                      \
		int result = __real_arch_vcpu_entry(vcpu, boot, why);          \
		struct kvm_regs regs;                                          \
		if (result || ioctl(vcpu->fd, KVM_GET_REGS, &regs) < 0)        \
			return result;                                         \
		statement;                                                     \
		ioctl(vcpu->fd, KVM_SET_REGS, &regs);                          \
		return result;                                                 \
	}
ENTRY(numbers_changed, regs.rsi ^= regs.rsi ? 6 : 0)
ENTRY(numbers_same, regs.rsi = 0)
ENTRY(interrupts_on, regs.rflags |= 0x200)
ENTRY(direction_down, regs.rflags |= 0x400)
#endif

/* The message is there, and then the program crashes. */
static int refusal_aborts(struct image *image, struct why *why)
{
	int error = image_parse(image, why);

	if (error) {
		fprintf(stderr, "image: %s\n", why->text);
		abort();
	}
	return error;
}

static const struct variant rows[] = {
	{"refusal-aborts", "UHY-BOOT-160", "a refusal is an abort",
	 .image_parse = refusal_aborts},
	{"boot-linked", "UHY-BOOT-002", "an ET_EXEC image is refused",
	 .image_parse = refuses_linked},
	{"boot-osabi", "UHY-BOOT-003", "only OS/ABI 255 is taken",
	 .image_parse = refuses_osabi},
	{"boot-no-abi", "UHY-BOOT-004", "the GNU note is required",
	 .image_parse = refuses_old_kernels},
	{"boot-strange-notes", "UHY-BOOT-005", "strange notes are refused",
	 .image_parse = refuses_strange_notes},
	{"boot-any-file", "UHY-BOOT-010",
	 "a file that is not ELF is not an error",
	 .image_parse = takes_any_file},
	{"boot-32-bits", "UHY-BOOT-011", "class 32 is not an error",
	 .image_parse = takes_32_bits},
	{"boot-big-endian", "UHY-BOOT-012", "big-endian is not an error",
	 .image_parse = takes_big_endian},
	{"boot-machine", "UHY-BOOT-013", "another machine is not an error",
	 .image_parse = takes_any_machine},
	{"boot-type", "UHY-BOOT-014", "another type is not an error",
	 .image_parse = takes_any_type},
	{"boot-truncated", "UHY-BOOT-015", "a truncated file is not an error",
	 .image_parse = takes_truncated},
	{"boot-headers", "UHY-BOOT-016", "bad program headers are not an error",
	 .image_parse = takes_bad_headers},
	{"boot-no-notes", "UHY-BOOT-017", "no notes are not an error",
	 .image_parse = takes_no_notes},
	{"boot-no-entry-note", "UHY-BOOT-018", "no entry note is not an error",
	 .image_parse = takes_no_entry_note},
	{"boot-too-large", "UHY-BOOT-019", "too large is not an error",
	 .boot_place = places_too_large},
	{"boot-other-entry", "UHY-BOOT-161", "any entry version is fine",
	 .image_parse = takes_other_entry},
	{"boot-overlap", "UHY-BOOT-162", "segments may overlap",
	 .image_parse = takes_overlap},
	{"boot-bad-entry", "UHY-BOOT-020", "a bad entry point is not an error",
	 .image_parse = takes_bad_entry},
	{"boot-long-segment", "UHY-BOOT-021", "a long segment is not an error",
	 .image_parse = takes_long_segments},
	{"boot-relocation-other", "UHY-BOOT-023",
	 "any type of relocation is fine",
	 .image_relocate = takes_any_relocation},
	{"boot-relocation-tables", "UHY-BOOT-024",
	 "other tables of relocations are not an error",
	 .image_relocate = takes_any_table},
	{"boot-aligned", "UHY-BOOT-025", "an alignment of 2 MiB is refused",
	 .image_parse = refuses_aligned},
	{"boot-between-pages", "UHY-BOOT-026", "the image lies between pages",
	 .boot_place = between_pages},
	{"boot-file-mapped", "UHY-BOOT-027", "the image's file is mapped",
	 .boot_write = file_mapped},
	{"boot-too-low", "UHY-BOOT-022", "linked too low is not an error",
	 .boot_place = places_too_low},
	{"boot-below-4-gib", "UHY-BOOT-030", "RAM begins at 2 GiB",
	 .boot_place = below_4_gib},
	{"boot-beyond", "UHY-BOOT-030", "more RAM than fits is not an error",
	 .boot_place = places_beyond},
	{"boot-unaligned", "UHY-BOOT-031",
	 "ram_start is not a multiple of 2 MiB", .boot_write = start_unaligned},
	{"boot-smaller", "UHY-BOOT-032", "RAM is 2 MiB smaller",
	 .boot_write = size_smaller},
	{"boot-letter", "UHY-BOOT-033", "a byte of the image is another",
	 .boot_write = letter_lost},
	{"boot-bss", "UHY-BOOT-034", "memory of the image is not zero",
	 .boot_write = bss_dirty},
	{"boot-ram-dirty", "UHY-BOOT-035", "RAM is not zero",
	 .boot_write = ram_dirty},
	{"boot-ram-middle", "UHY-BOOT-035",
	 "a byte in the middle of RAM is not zero", .boot_write = middle_dirty},
	{"boot-relocation", "UHY-BOOT-036", "a relocation is not applied",
	 .image_relocate = one_not_relocated},
	{"boot-relocation-first", "UHY-BOOT-036",
	 "the first segment is not relocated",
	 .image_relocate = first_not_relocated},
	{"boot-abs64", "UHY-BOOT-037", "ABS64 is not applied",
	 .image_relocate = abs64_not_relocated},
	{"boot-glob-dat", "UHY-BOOT-037", "GLOB_DAT is not applied",
	 .image_relocate = glob_dat_not_relocated},
	{"boot-info-elsewhere", "UHY-BOOT-040", "RDI points elsewhere",
	 .arch_vcpu_entry = info_elsewhere},
	{"boot-one-vcpu", "UHY-BOOT-041", "other vCPUs wait to be started",
	 .arch_vcpu_entry = first_vcpu_only},
#if defined(__x86_64__)
	{"boot-numbers", "UHY-BOOT-042", "the numbers of vCPUs are others",
	 .arch_vcpu_entry = numbers_changed},
	{"boot-numbers-same", "UHY-BOOT-042", "every vCPU is number 0",
	 .arch_vcpu_entry = numbers_same},
	{"boot-interrupts", "UHY-BOOT-043", "interrupts are enabled",
	 .arch_vcpu_entry = interrupts_on},
	{"boot-direction", "UHY-BOOT-044", "the direction flag is set",
	 .arch_vcpu_entry = direction_down},
#endif
	{"boot-stack", "UHY-BOOT-046", "the stack is in the image",
	 .boot_place = stack_in_image},
	{"boot-stack-high", "UHY-BOOT-175", "the stack is beyond the image",
	 .boot_place = stack_beyond_image},
	{"boot-not-executable", "UHY-BOOT-047", "data is not executable",
	 .boot_write = not_executable},
	{"boot-tree-outside", "UHY-BOOT-048", "the tree is beyond RAM",
	 .boot_write = tree_outside},
	{"boot-no-data-segment", "UHY-BOOT-049", "selector 0x10 is empty",
	 .boot_write = no_data_segment},
	{"boot-root", "UHY-BOOT-056", "the root has no entry for itself",
	 .boot_write = root_not_in_itself},
#if defined(__x86_64__)
	{"boot-gigabyte", "UHY-BOOT-057", "an old kernel finds no more mapped",
	 .image_parse = old_kernels_like_new},
	{"boot-gigabytes-all", "UHY-BOOT-058",
	 "an old kernel finds all of RAM mapped",
	 .arch_boot_memory = all_mapped},
#endif
	{"boot-end-beyond", "UHY-BOOT-060", "ram_end is 2 MiB too high",
	 .boot_write = end_beyond},
	{"boot-v1-console", "UHY-BOOT-061", "the console is that of version 1",
	 .boot_write = v1_console},
	{"boot-tree-elsewhere", "UHY-BOOT-062", "the tree is 8 bytes off",
	 .boot_write = tree_elsewhere},
	{"boot-image-start", "UHY-BOOT-063", "image_start is a page off",
	 .boot_write = image_start_wrong},
	{"boot-image-end", "UHY-BOOT-064", "image_end is rounded",
	 .boot_write = image_end_rounded},
	{"boot-tls", "UHY-BOOT-065", "thread-local storage is invented",
	 .boot_write = tls_invented},
	{"boot-tls-size", "UHY-BOOT-066", "its size is that in the file",
	 .boot_write = tls_file_size},
	{"boot-platform", "UHY-BOOT-067", "platform is 3",
	 .boot_write = platform_wrong},
	{"boot-pci", "UHY-BOOT-068", "has_pci is 2", .boot_write = pci_wrong},
	{"boot-num-cpus", "UHY-BOOT-069", "num_cpus is one more",
	 .boot_write = cpus_wrong},
	{"boot-time", "UHY-BOOT-070", "the time is in seconds",
	 .boot_write = time_in_seconds},
	{"boot-time-minute", "UHY-BOOT-070", "the time is that of a minute ago",
	 .boot_write = a_minute_ago},
	{"boot-time-hours", "UHY-BOOT-070", "the time is in two hours",
	 .boot_write = in_two_hours},
	{"boot-padding", "UHY-BOOT-071", "padding holds other bytes",
	 .boot_write = padding_dirty},
	{"boot-tree-version", "UHY-BOOT-080", "no reader understands it",
	 .boot_write = tree_version},
	{"boot-tree-large", "UHY-BOOT-081", "its size is 64 KiB",
	 .boot_write = tree_large},
	{"boot-compatible", "UHY-BOOT-082", "compatible is another",
	 .boot_write = other_machine},
	{"boot-tree-memory", "UHY-BOOT-083", "its memory is 2 MiB smaller",
	 .devicetree_build = tree_memory},
	{"boot-tree-cpus", "UHY-BOOT-084", "it has one vCPU more",
	 .devicetree_build = tree_cpus},
	{"boot-mounts", "UHY-BOOT-085", "it lacks a mapping",
	 .devicetree_build = tree_mounts},
	{"boot-mounts-files", "UHY-BOOT-085", "it has mapped files",
	 .devicetree_build = tree_mounts_files},
	{"boot-args-kernel", "UHY-BOOT-086", "the first word is lost",
	 .devicetree_build = args_kernel},
	{"boot-args-application", "UHY-BOOT-087", "the last word is lost",
	 .devicetree_build = args_application},
	{"boot-args-environment", "UHY-BOOT-088",
	 "env= is written Env=", .devicetree_build = args_environment},
	{"boot-args-squeezed", "UHY-BOOT-090", "two blanks become one",
	 .devicetree_build = args_squeezed},
	{"boot-args-unquoted", "UHY-BOOT-091", "values are not quoted",
	 .devicetree_build = args_unquoted},
	{"boot-args-invented", "UHY-BOOT-089", "bootargs is never empty",
	 .devicetree_build = args_invented},
	{"ver-little-endian", "UHY-VER-001", "version 2 is not recognised",
	 .image_parse = refuses_version_2},
	{"ver-any", "UHY-VER-002", "an unknown version is not an error",
	 .image_parse = takes_any_version},
	{"ver-0", "UHY-VER-002", "version 0 is not an error",
	 .image_parse = takes_version_0},
	{"ver-4", "UHY-VER-002", "version 4 is not an error",
	 .image_parse = takes_version_4},
	{"ver-2-beside-3", "UHY-VER-009", "version 2 is refused",
	 .image_parse = refuses_version_2},
	{"ver-no-note", "UHY-VER-003", "no note is version 3",
	 .image_parse = no_note_is_3},
	{"ver-2-calls", "UHY-VER-004", "FileUnlink is not offered",
	 UHYVE_FILE_UNLINK, ignored},
	{"ver-3-calls", "UHY-VER-005", "FileUnlink is not offered",
	 UHYVE_FILE_UNLINK, ignored},
	{"ver-3-added", "UHY-VER-006", "Mkdir is not offered", UHYVE_MKDIR,
	 ignored},
	{"v1-high", "UHY-V1-002", "RAM of version 1 is above 3 GiB",
	 .boot_place = above_3_gib},
	{"v1-v2-console", "UHY-V1-003", "the console is that of version 2",
	 .boot_write = v2_console},
};
VARIANTS(rows);
