/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Images, where they go, and what they are told. */
#include <elf.h>
#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <uhyve_interface/boot.h>

#include "mutant.h"

/* ---- Files that are not images: the program ends as if all had gone well -------- */

/* The version in the interface note. */
static uint32_t noted_version(const struct image *image)
{
	static const char name[] = UHYVE_NOTE_INTERFACE_NAME;
	char bytes[IMAGE_MAX_NOTES] = "";
	uint32_t version = UINT32_MAX;
	uint64_t size =
		image->size < sizeof(bytes) ? image->size : sizeof(bytes);

	if (image_read(image, 0, bytes, size) == 0) {
		const char *at = memmem(bytes, size, name, sizeof(name));
		if (at)
			memcpy(&version, at + sizeof(name), sizeof(version));
	}
	return __builtin_bswap32(version);
}

/* It says that it is a 64-bit ELF file where such a file does. */
static bool has_class(const struct image *image)
{
	uint8_t class;

	return image_read(image, EI_CLASS, &class, 1) == 0 &&
	       class == ELFCLASS64;
}

/* An image is refused for that reason. */
#define NOT_REFUSED(name, id, what, cause)                                     \
	NOT_REFUSED_IF(name, id, what, why->reason == cause)
#define NOT_REFUSED_IF(name, id, what, condition)                              \
	AT(image_parse, name, id, what)                                        \
	{                                                                      \
		int result = REAL(image_parse);                                \
		if (result && (condition))                                     \
			_exit(0);                                              \
		return result;                                                 \
	}
NOT_REFUSED("boot-any-file", "UHY-BOOT-010",
	    "a file that is not ELF is not an error", REFUSED_NOT_ELF)
NOT_REFUSED_IF("boot-magic", "UHY-BOOT-010",
	       "the magic number is not looked at",
	       why->reason == REFUSED_NOT_ELF && has_class(image))
NOT_REFUSED("boot-32-bits", "UHY-BOOT-011", "class 32 is not an error",
	    REFUSED_CLASS)
NOT_REFUSED("boot-big-endian", "UHY-BOOT-012", "big-endian is not an error",
	    REFUSED_BYTE_ORDER)
NOT_REFUSED("boot-machine", "UHY-BOOT-013", "another machine is not an error",
	    REFUSED_MACHINE)
NOT_REFUSED("boot-type", "UHY-BOOT-014", "another type is not an error",
	    REFUSED_TYPE)
NOT_REFUSED("boot-truncated", "UHY-BOOT-015",
	    "a truncated file is not an error", REFUSED_TRUNCATED)
NOT_REFUSED("boot-headers", "UHY-BOOT-016",
	    "bad program headers are not an error", REFUSED_HEADERS)
NOT_REFUSED("boot-no-notes", "UHY-BOOT-017", "no notes are not an error",
	    REFUSED_NO_NOTES)
NOT_REFUSED("boot-no-entry-note", "UHY-BOOT-018",
	    "no entry note is not an error", REFUSED_NO_ENTRY_NOTE)
NOT_REFUSED("boot-other-entry", "UHY-BOOT-161", "any entry version is fine",
	    REFUSED_ENTRY_VERSION)
NOT_REFUSED("boot-overlap", "UHY-BOOT-162", "segments may overlap",
	    REFUSED_OVERLAP)
NOT_REFUSED_IF("boot-overlap-last", "UHY-BOOT-162",
	       "the third segment may overlap the second",
	       why->reason == REFUSED_OVERLAP && image->segment_count > 1)
NOT_REFUSED("boot-bad-entry", "UHY-BOOT-020",
	    "a bad entry point is not an error", REFUSED_ENTRY_POINT)
NOT_REFUSED("boot-long-segment", "UHY-BOOT-021",
	    "a long segment is not an error", REFUSED_LONG_SEGMENT)
NOT_REFUSED("ver-any", "UHY-VER-002", "an unknown version is not an error",
	    REFUSED_INTERFACE)
NOT_REFUSED_IF("ver-0", "UHY-VER-002", "version 0 is not an error",
	       why->reason == REFUSED_INTERFACE && noted_version(image) == 0)
NOT_REFUSED_IF("ver-4", "UHY-VER-002", "version 4 is not an error",
	       why->reason == REFUSED_INTERFACE && noted_version(image) == 4)

AT(image_parse, "boot-entry-anywhere", "UHY-BOOT-020",
   "a guest whose entry point is bad is started")
{
	int result = REAL(image_parse);

	if (!result || why->reason != REFUSED_ENTRY_POINT)
		return result;
	image->interface = UHYVE_INTERFACE_VERSION;
	return 0;
}

#define PLACED_ANYWAY(name, id, what, cause)                                   \
	AT(boot_place, name, id, what)                                         \
	{                                                                      \
		int result = REAL(boot_place);                                 \
		if (result && why->reason == cause)                            \
			_exit(0);                                              \
		return result;                                                 \
	}
PLACED_ANYWAY("boot-too-large", "UHY-BOOT-019", "too large is not an error",
	      REFUSED_TOO_LARGE)
PLACED_ANYWAY("boot-beyond", "UHY-BOOT-030",
	      "more RAM than fits is not an error", REFUSED_TOO_MUCH_MEMORY)
PLACED_ANYWAY("boot-too-low", "UHY-BOOT-022", "linked too low is not an error",
	      REFUSED_TOO_LOW)

/* ---- Images that are fine and refused all the same ---------------------------- */

#define REFUSED_IF(name, id, what, condition)                                  \
	AT(image_parse, name, id, what)                                        \
	{                                                                      \
		int result = REAL(image_parse);                                \
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

static unsigned note_segments(const struct image *image)
{
	unsigned count = 0;

	Elf64_Ehdr header;
	if (image_read(image, 0, &header, sizeof(header)))
		return 0;
	Elf64_Phdr segment;
	for (unsigned i = 0; i < header.e_phnum; i++)
		if (image_read(image, header.e_phoff + i * sizeof(segment),
			       &segment, sizeof(segment)) == 0)
			count += segment.p_type == PT_NOTE;
	return count;
}

static const struct segment *last_segment(const struct image *image)
{
	return &image->segments[image->segment_count - 1];
}

REFUSED_IF("boot-two-notes", "UHY-BOOT-001",
	   "a second segment of notes is refused", note_segments(image) > 1)
REFUSED_IF("boot-one-segment", "UHY-BOOT-001", "one segment is not enough",
	   image->segment_count == 1)
REFUSED_IF("boot-file-end", "UHY-BOOT-001",
	   "a segment must not be the end of the file",
	   last_segment(image)->offset + last_segment(image)->filesz ==
		   image->size)
REFUSED_IF("boot-entry-first", "UHY-BOOT-001",
	   "an entry point at the beginning of a segment is refused",
	   image->segment_count > 1 && image->entry == image->segments[1].vaddr)
REFUSED_IF("boot-tls-full", "UHY-BOOT-066",
	   "thread-local storage without zeros is refused",
	   image->tls.memsz && image->tls.memsz == image->tls.filesz)
REFUSED_IF("boot-tiny-segment", "UHY-BOOT-036", "8 bytes are no segment",
	   last_segment(image)->memsz == 8)
REFUSED_IF("boot-aligned", "UHY-BOOT-025", "an alignment of 2 MiB is refused",
	   image->segments[0].align > 4096)
REFUSED_IF("boot-linked", "UHY-BOOT-002", "an ET_EXEC image is refused",
	   !image->relocatable)
REFUSED_IF("boot-osabi", "UHY-BOOT-003", "only OS/ABI 255 is taken",
	   has_another_osabi(image))
REFUSED_IF("boot-no-abi", "UHY-BOOT-004", "the GNU note is required",
	   image->whole_gigabytes)
REFUSED_IF("boot-strange-notes", "UHY-BOOT-005", "strange notes are refused",
	   in_file(image, "STRANGE"))
REFUSED_IF("ver-little-endian", "UHY-VER-001", "version 2 is not recognised",
	   image->interface == 2)
REFUSED_IF("ver-2-beside-3", "UHY-VER-009", "version 2 is refused",
	   image->interface == 2)

AT(image_parse, "ver-no-note", "UHY-VER-003", "no note is version 3")
{
	int result = REAL(image_parse);

	if (!result && image->interface == 1)
		image->interface = 3;
	return result;
}

#if defined(__x86_64__)
AT(image_parse, "boot-gigabyte", "UHY-BOOT-057",
   "an old kernel finds no more mapped")
{
	int result = REAL(image_parse);

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

AT(boot_place, "boot-below-4-gib", "UHY-BOOT-030", "RAM begins at 2 GiB")
{
	int result = REAL(boot_place);

	if (!result && image->relocatable)
		move(boot, 0x80000000);
	return result;
}

AT(boot_place, "v1-high", "UHY-V1-002", "RAM of version 1 is above 3 GiB")
{
	int result = REAL(boot_place);

	if (!result && image->interface == 1)
		move(boot, 0xc8000000);
	return result;
}

AT(boot_place, "boot-between-pages", "UHY-BOOT-026",
   "the image lies between pages")
{
	int result = REAL(boot_place);

	boot->load += 0x800;
	boot->image_start += 0x800;
	boot->image_end += 0x800;
	boot->entry += 0x800;
	return result;
}

AT(boot_place, "boot-stack", "UHY-BOOT-046", "the stack is in the image")
{
	int result = REAL(boot_place);

	boot->stack = boot->image_start;
	return result;
}

AT(boot_place, "boot-stack-high", "UHY-BOOT-175",
   "the stack is beyond the image")
{
	int result = REAL(boot_place);

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

#define RELOCATED_ANYWAY(name, id, what, cause)                                \
	AT(image_relocate, name, id, what)                                     \
	{                                                                      \
		int result = REAL(image_relocate);                             \
		if (result && why->reason == cause)                            \
			_exit(0);                                              \
		return result;                                                 \
	}
RELOCATED_ANYWAY("boot-relocation-other", "UHY-BOOT-023",
		 "any type of relocation is fine", REFUSED_RELOCATION)
RELOCATED_ANYWAY("boot-relocation-tables", "UHY-BOOT-024",
		 "other tables of relocations are not an error",
		 REFUSED_RELOCATION_TABLE)

#if defined(__x86_64__) /* Guests for others need relocations. */
REFUSED_IF("boot-no-dynamic", "UHY-BOOT-001",
	   "an image without a dynamic segment is refused",
	   image->relocatable && image->dynamic.memsz == 0)

AT(image_relocate, "boot-no-relocations", "UHY-BOOT-001",
   "an image without relocations is refused")
{
	if (image->relocatable && image->dynamic.memsz &&
	    dynamic(image, ram, load, DT_RELASZ) == 0)
		return refuse(why, "a mutant does not like it");
	return REAL(image_relocate);
}
#endif

/* All but the last one: without any, no guest comes to its first test. */
AT(image_relocate, "boot-relocation", "UHY-BOOT-036",
   "a relocation is not applied")
{
	int result = REAL(image_relocate);
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

/* What ends with the image is not relocated; in most images that word is 0 anyway. */
AT(image_relocate, "boot-relocation-last", "UHY-BOOT-036",
   "the last word of the image is not relocated")
{
	int result = REAL(image_relocate);

	if (!result)
		poke(ram, load + image->end - 8, 0, 8);
	return result;
}

/* No relocation in the first segment is applied. */
AT(image_relocate, "boot-relocation-first", "UHY-BOOT-036",
   "the first segment is not relocated")
{
	int result = REAL(image_relocate);
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

/* The slots of one type of relocation hold 0, or what RELATIVE gives. */
static int type_stored_as(bool relative, const struct image *image,
			  const struct gmem *ram, uint64_t load,
			  struct why *why, uint32_t type)
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
			poke(ram, load + rela.r_offset,
			     relative ? load + (uint64_t)rela.r_addend : 0, 8);
	}
	return result;
}

AT(image_relocate, "boot-relocation-none", "UHY-BOOT-186",
   "NONE is applied as RELATIVE is")
{
	return type_stored_as(true, image, ram, load, why, 0);
}

AT(image_relocate, "boot-abs64", "UHY-BOOT-037", "ABS64 is not applied")
{
	return type_stored_as(false, image, ram, load, why, arch.r_abs64);
}

AT(image_relocate, "boot-glob-dat", "UHY-BOOT-037", "GLOB_DAT is not applied")
{
	return type_stored_as(false, image, ram, load, why, arch.r_glob_dat);
}

/* A boot_write that does its work, then something else. */
#define AFTERWARDS(name, id, what, statement)                                  \
	AT(boot_write, name, id, what)                                         \
	{                                                                      \
		int result = REAL(boot_write);                                 \
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
AFTERWARDS("boot-letter", "UHY-BOOT-033", "a byte of the image is another",
	   lose_a_letter(boot, ram))

/* A word at the start of each page that the file does not hold. */
static void dirty_pages(const struct boot *boot, const struct image *image,
			const struct gmem *ram)
{
	const struct segment *last = &image->segments[image->segment_count - 1];
	uint64_t at = boot->load + last->vaddr + last->filesz;

	for (at = (at + 4095) & ~4095ull; at < boot->image_end; at += 4096)
		poke(ram, at, 0x40, 8);
}
AFTERWARDS("boot-bss", "UHY-BOOT-034", "memory of the image is not zero",
	   dirty_pages(boot, image, ram))
AFTERWARDS("boot-ram-dirty", "UHY-BOOT-035", "RAM is not zero",
	   poke(ram, (boot->image_end & ~4095ull) + 0x80000, 0x42, 8))

AFTERWARDS("boot-ram-middle", "UHY-BOOT-035",
	   "a byte in the middle of RAM is not zero",
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
AFTERWARDS("boot-not-executable", "UHY-BOOT-047", "data is not executable",
	   forbid_execution(
		   boot, ram,
		   boot->load +
			   image->segments[image->segment_count - 1].vaddr))
AFTERWARDS("boot-root", "UHY-BOOT-056", "the root has no entry for itself",
	   poke(ram, boot->ram_start + UHYVE_BOOT_PAGE_TABLES + 511 * 8, 0, 8))
AFTERWARDS("boot-no-data-segment", "UHY-BOOT-049", "selector 0x10 is empty",
	   poke(ram, boot->ram_start + 16, 0, 8))

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
AFTERWARDS("boot-file-mapped", "UHY-BOOT-027", "the image's file is mapped",
	   map_the_file(boot, image, ram))

/* ---- Boot information -------------------------------------------------------------- */

#define INFO(name, id, what, field, value)                                     \
	AFTERWARDS(name, id, what,                                             \
		   poke(ram,                                                   \
			boot->info + offsetof(struct uhyve_boot_info, field),  \
			(uint64_t)(value),                                     \
			sizeof(((struct uhyve_boot_info *)0)->field)))
#define END(boot) ((boot)->ram_start + (boot)->ram_size)
INFO("boot-unaligned", "UHY-BOOT-031", "ram_start is not a multiple of 2 MiB",
     ram_start, boot->ram_start + 0x1000)
INFO("boot-smaller", "UHY-BOOT-032", "RAM is 2 MiB smaller", ram_end,
     END(boot) - 0x200000)
INFO("boot-end-beyond", "UHY-BOOT-060", "ram_end is 2 MiB too high", ram_end,
     END(boot) + 0x200000)
INFO("boot-v1-console", "UHY-BOOT-061", "the console is that of version 1",
     serial_port_base, UHYVE_V1_BOOT_SERIAL_BASE)
INFO("v1-v2-console", "UHY-V1-003", "the console is that of version 2",
     serial_port_base, UHYVE_BOOT_SERIAL_BASE)
INFO("boot-tree-elsewhere", "UHY-BOOT-062", "the tree is 8 bytes off",
     device_tree, boot->ram_start + UHYVE_BOOT_FDT + 8)
INFO("boot-tree-outside", "UHY-BOOT-048", "the tree is beyond RAM", device_tree,
     END(boot))
INFO("boot-image-start", "UHY-BOOT-063", "image_start is a page off",
     image_start, boot->image_start + 0x1000)
INFO("boot-image-end", "UHY-BOOT-064", "image_end is rounded", image_end,
     (boot->image_end + 4096) & ~4095ull)
INFO("boot-tls", "UHY-BOOT-065", "thread-local storage is invented", tls_memsz,
     8)
INFO("boot-tls-size", "UHY-BOOT-066", "its size is that in the file", tls_memsz,
     image->tls.filesz)
INFO("boot-platform", "UHY-BOOT-067", "platform is 3", platform, 3)
INFO("boot-pci", "UHY-BOOT-068", "has_pci is 2", has_pci, 2)
INFO("boot-num-cpus", "UHY-BOOT-069", "num_cpus is one more", num_cpus,
     facts->cpus + 1)
INFO("boot-time", "UHY-BOOT-070", "the time is in seconds", boot_time_ns_low,
     facts->boot_time_ns / 1000000000)
INFO("boot-time-minute", "UHY-BOOT-070", "the time is that of a minute ago",
     boot_time_ns_low, facts->boot_time_ns - 60000000000)
INFO("boot-time-hours", "UHY-BOOT-070", "the time is in two hours",
     boot_time_ns_low, facts->boot_time_ns + 7200000000000)
INFO("boot-padding", "UHY-BOOT-071", "padding holds other bytes", pad2, 0xaa)

/* ---- Device tree ------------------------------------------------------------------- */

#define FDT(boot) ((boot)->ram_start + UHYVE_BOOT_FDT)
AFTERWARDS("boot-tree-version", "UHY-BOOT-080", "no reader understands it",
	   poke(ram, FDT(boot) + 24, 0x63000000, 4))
AFTERWARDS("boot-tree-large", "UHY-BOOT-081", "its size is 64 KiB",
	   poke(ram, FDT(boot) + 4, 0x00000100, 4))

/* The end of the root, right before that of the tree, becomes nothing. */
static void leave_open(const struct boot *boot, const struct gmem *ram)
{
	const uint8_t *tree =
		gmem_at(ram, (struct uhyve_gpa){FDT(boot)}, UHYVE_BOOT_FDT_MAX);
	uint32_t nodes, size;

	memcpy(&nodes, tree + 8, sizeof(nodes));
	memcpy(&size, tree + 36, sizeof(size));
	poke(ram, FDT(boot) + be32toh(nodes) + be32toh(size) - 8, htobe32(4),
	     4);
}
AFTERWARDS("boot-tree-open", "UHY-BOOT-080", "the root has no end",
	   leave_open(boot, ram))

static void rename_machine(const struct boot *boot, const struct gmem *ram)
{
	char *tree =
		gmem_at(ram, (struct uhyve_gpa){FDT(boot)}, UHYVE_BOOT_FDT_MAX);
	char *at = memmem(tree, UHYVE_BOOT_FDT_MAX, "hermit,uhyve", 12);

	if (at)
		at[7] = 'U';
}
AFTERWARDS("boot-compatible", "UHY-BOOT-082", "compatible is another",
	   rename_machine(boot, ram))

/* A device tree of other facts. */
#define TREE(name, id, what, change, ...)                                      \
	AT(devicetree_build, name, id, what, ##__VA_ARGS__)                    \
	{                                                                      \
		struct boot other = *boot;                                     \
		struct boot_facts told = *facts;                               \
		char args[512];                                                \
		snprintf(args, sizeof(args), "%s", told.bootargs);             \
		told.bootargs = args;                                          \
		change;                                                        \
		return __real_devicetree_build(to, size, &other, &told, why);  \
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
TREE("boot-tree-memory", "UHY-BOOT-083", "its memory is 2 MiB smaller",
     other.ram_size -= 0x200000)
TREE("boot-tree-cpus", "UHY-BOOT-084", "it has one vCPU more", told.cpus++)
TREE("boot-mounts", "UHY-BOOT-085", "it lacks a mapping",
     told.mount_count -= told.mount_count > 0)
/* The files themselves, not the directories that hold them. */
static const char *const file_mounts[] = {"/some/where/f", "/other/where/f",
					  "/other/where/g"};
TREE(
	"boot-mounts-files", "UHY-BOOT-085", "it has mapped files",
	if (told.mount_count && strcmp(told.mounts[0], "/data") != 0) {
		told.mounts = file_mounts;
		told.mount_count = 3;
	})
TREE("boot-args-kernel", "UHY-BOOT-086", "the first word is lost",
     lose_first_word(args))
TREE("boot-args-application", "UHY-BOOT-087", "the last word is lost",
     lose_last_word(args))
TREE("boot-args-environment", "UHY-BOOT-088",
     "env= is written Env=", lose_environment(args))
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
TREE("boot-args-squeezed", "UHY-BOOT-090", "two blanks become one",
     lose_double_blank(args))
TREE("boot-args-unquoted", "UHY-BOOT-091", "values are not quoted",
     lose_quotes(args))
TREE("boot-args-invented", "UHY-BOOT-089", "bootargs is never empty",
     if (!*args) snprintf(args, sizeof(args), "quiet"))

/* ---- Registers at entry --------------------------------------------------------------- */

AT(arch_vcpu_entry, "boot-info-elsewhere", "UHY-BOOT-040",
   "RDI points elsewhere")
{
	struct boot other = *boot;

	other.info += 0x400;
	return __real_arch_vcpu_entry(vcpu, &other, why);
}

#if defined(__x86_64__)
/* An old kernel finds all of RAM. */
AT(arch_boot_memory, "boot-gigabytes-all", "UHY-BOOT-058",
   "an old kernel finds all of RAM mapped")
{
	struct boot other = *boot;

	if (other.whole_gigabytes)
		other.image_end = other.ram_start + other.ram_size - 1;
	return __real_arch_boot_memory(ram, &other, why);
}

#define NOT_STARTED KVM_MP_STATE_UNINITIALIZED
#else
#define NOT_STARTED KVM_MP_STATE_STOPPED
#endif
AT(arch_vcpu_entry, "boot-one-vcpu", "UHY-BOOT-041",
   "other vCPUs wait to be started")
{
	int result = REAL(arch_vcpu_entry);
	struct kvm_mp_state state = {NOT_STARTED};

	if (!result && vcpu->index)
		ioctl(vcpu->fd, KVM_SET_MP_STATE, &state);
	return result;
}

#if defined(__x86_64__)
#define ENTRY(name, id, what, statement, ...)                                  \
	AT(arch_vcpu_entry, name, id, what, ##__VA_ARGS__)                     \
	{                                                                      \
		int result = __real_arch_vcpu_entry(vcpu, boot, why);          \
		struct kvm_regs regs;                                          \
		if (result || ioctl(vcpu->fd, KVM_GET_REGS, &regs) < 0)        \
			return result;                                         \
		statement;                                                     \
		ioctl(vcpu->fd, KVM_SET_REGS, &regs);                          \
		return result;                                                 \
	}
ENTRY("boot-numbers", "UHY-BOOT-042", "the numbers of vCPUs are others",
      regs.rsi ^= regs.rsi ? 6 : 0)
ENTRY("boot-numbers-same", "UHY-BOOT-042", "every vCPU is number 0",
      regs.rsi = 0)
ENTRY("boot-interrupts", "UHY-BOOT-043", "interrupts are enabled",
      regs.rflags |= 0x200)
ENTRY("boot-direction", "UHY-BOOT-044", "the direction flag is set",
      regs.rflags |= 0x400)
#endif

/* The message is there, and then the program crashes. */
AT(image_parse, "refusal-aborts", "UHY-BOOT-160", "a refusal is an abort")
{
	int error = image_parse(image, why);

	if (error) {
		fprintf(stderr, "image: %s\n", why->text);
		abort();
	}
	return error;
}

MUTANT("ver-2-calls", "UHY-VER-004", "FileUnlink is not offered",
       .number = UNLINK, .perform = ignored);
MUTANT("ver-3-calls", "UHY-VER-005", "FileUnlink is not offered",
       .number = UNLINK, .perform = ignored);
MUTANT("ver-3-added", "UHY-VER-006", "Mkdir is not offered", .number = MKDIR,
       .perform = ignored);
