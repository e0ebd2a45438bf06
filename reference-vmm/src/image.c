/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The checks on an image, in the order in which its user can repair it. */
#include "image.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arch.h"

int image_map(struct image *image, const char *path, struct why *why)
{
	*image = (struct image){0};
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return refuse(why, "cannot open it: %s", strerror(errno));
	struct stat stat;
	int result = 0;
	if (fstat(fd, &stat) < 0)
		result = refuse(why, "cannot read it: %s", strerror(errno));
	else if (!S_ISREG(stat.st_mode))
		result = refuse(why, "it is not a regular file");
	else if (stat.st_size == 0)
		result = refuse(why, "it is empty");
	else {
		image->size = (size_t)stat.st_size;
		void *bytes =
			mmap(NULL, image->size, PROT_READ, MAP_PRIVATE, fd, 0);
		image->bytes = bytes;
		if (bytes == MAP_FAILED)
			result = refuse(why, "cannot map it: %s",
					strerror(errno));
	}
	close(fd);
	return result;
}

const uint8_t *image_at(const struct image *image, uint64_t vaddr, uint64_t len)
{
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct segment *segment = &image->segments[i];
		uint64_t offset = vaddr - segment->vaddr;
		if (vaddr >= segment->vaddr && offset <= segment->filesz &&
		    len <= segment->filesz - offset)
			return image->bytes + segment->offset + offset;
	}
	return NULL;
}

/* The identification and the fields of the ELF header (UHY-BOOT-010 to 016). */
static int check_header(struct image *image, const Elf64_Ehdr **header,
			struct why *why)
{
	const uint8_t *e = image->bytes;
	if (image->size >= 2 && e[0] == 0x1f && e[1] == 0x8b)
		return refuse(why, "it is a gzip archive; give the ELF file "
				   "inside it");
	if (image->size < SELFMAG || memcmp(e, ELFMAG, SELFMAG) != 0)
		return refuse(why, "it is not an ELF file");
	if (image->size < sizeof(Elf64_Ehdr))
		return refuse(why,
			      "it is truncated: %zu bytes do not hold an "
			      "ELF header",
			      image->size);
	if (e[EI_CLASS] != ELFCLASS64)
		return refuse(why, "it is not a 64-bit ELF file");
	if (e[EI_DATA] != ELFDATA2LSB)
		return refuse(why, "it is not little-endian");
	elf_version(EV_CURRENT);
	/* libelf only reads it, whatever its parameter's type. */
	image->elf = elf_memory((char *)(uintptr_t)image->bytes, image->size);
	*header = image->elf ? elf64_getehdr(image->elf) : NULL;
	if (!*header)
		return refuse(why, "bad ELF header: %s", elf_errmsg(-1));
	if ((*header)->e_machine != arch.elf_machine)
		return refuse(why,
			      "it is for ELF machine %u, this host runs "
			      "%s (%u)",
			      (*header)->e_machine, arch.name,
			      arch.elf_machine);
	if ((*header)->e_type != ET_DYN && (*header)->e_type != ET_EXEC)
		return refuse(why,
			      "it is neither an executable nor position "
			      "independent (ELF type %u)",
			      (*header)->e_type);
	if ((*header)->e_phoff % sizeof(uint64_t) ||
	    (*header)->e_phentsize != sizeof(Elf64_Phdr))
		return refuse(why,
			      "bad program headers: %u bytes each at byte "
			      "%" PRIu64,
			      (*header)->e_phentsize, (*header)->e_phoff);
	image->relocatable = (*header)->e_type == ET_DYN;
	image->entry = (*header)->e_entry;
	return 0;
}

/* A program header as a segment whose bytes lie in the file (UHY-BOOT-015). */
static int take_segment(const struct image *image, const Elf64_Phdr *header,
			struct segment *segment, struct why *why)
{
	if (header->p_filesz > image->size ||
	    header->p_offset > image->size - header->p_filesz)
		return refuse(why,
			      "it is truncated: a segment ends at byte %" PRIu64
			      ", the file at byte %zu",
			      header->p_offset + header->p_filesz, image->size);
	uint64_t end;
	if (__builtin_add_overflow(header->p_vaddr, header->p_memsz, &end))
		return refuse(why,
			      "the segment at 0x%" PRIx64
			      " overflows the address space",
			      header->p_vaddr);
	*segment = (struct segment){.vaddr = header->p_vaddr,
				    .memsz = header->p_memsz,
				    .writable = header->p_flags & PF_W,
				    .offset = header->p_offset,
				    .filesz = header->p_filesz,
				    .align = header->p_align};
	return 0;
}

static int take_load(struct image *image, const Elf64_Phdr *header,
		     struct why *why)
{
	if (header->p_memsz == 0 && header->p_filesz == 0)
		return 0;
	if (image->segment_count == IMAGE_MAX_SEGMENTS)
		return refuse(why, "it has more than %d segments",
			      IMAGE_MAX_SEGMENTS);
	if (header->p_filesz > header->p_memsz)
		return refuse(why,
			      "the segment at 0x%" PRIx64
			      " is larger in the file than in memory",
			      header->p_vaddr);
	if (image->segment_count > 0 && header->p_vaddr < image->end)
		return refuse(why,
			      "the segment at 0x%" PRIx64 " overlaps or "
			      "precedes the one before it",
			      header->p_vaddr);
	struct segment *segment = &image->segments[image->segment_count];
	if (take_segment(image, header, segment, why))
		return -1;
	if (image->segment_count++ == 0 && !image->relocatable)
		image->start = segment->vaddr;
	image->end = segment->vaddr + segment->memsz;
	return 0;
}

/* Only the first of each of these kinds counts. */
static int take_single(const struct image *image, const Elf64_Phdr *header,
		       struct segment *segment, struct why *why)
{
	if (segment->memsz)
		return 0;
	return take_segment(image, header, segment, why);
}

static int read_segments(struct image *image, struct segment *notes,
			 struct why *why)
{
	size_t count;
	const Elf64_Phdr *headers = elf64_getphdr(image->elf);
	if (elf_getphdrnum(image->elf, &count) || !headers)
		return refuse(why, "bad program headers: %s", elf_errmsg(-1));
	for (size_t i = 0; i < count; i++) {
		const Elf64_Phdr *header = &headers[i];
		int result = 0;
		if (header->p_type == PT_LOAD)
			result = take_load(image, header, why);
		else if (header->p_type == PT_NOTE)
			result = take_single(image, header, notes, why);
		else if (header->p_type == PT_DYNAMIC)
			result = take_single(image, header, &image->dynamic,
					     why);
		else if (header->p_type == PT_TLS)
			result = take_single(image, header, &image->tls, why);
		if (result)
			return result;
	}
	if (image->segment_count == 0)
		return refuse(why, "it has no segment to load");
	return 0;
}

/* UHY-BOOT-020. */
static int check_entry(const struct image *image, struct why *why)
{
	if (image->entry == 0)
		return refuse(why, "it has no entry point");
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct segment *segment = &image->segments[i];
		if (image->entry >= segment->vaddr &&
		    image->entry - segment->vaddr < segment->memsz)
			return 0;
	}
	return refuse(why,
		      "its entry point 0x%" PRIx64
		      " lies in none of its segments",
		      image->entry);
}

/* The thread-local template is part of the image in memory. */
static int check_tls(const struct image *image, struct why *why)
{
	const struct segment *tls = &image->tls;
	if (tls->memsz == 0)
		return 0;
	if (tls->filesz > tls->memsz ||
	    (tls->filesz && !image_at(image, tls->vaddr, tls->filesz)))
		return refuse(why, "its thread-local segment lies outside its "
				   "loaded segments");
	if (tls->align & (tls->align - 1))
		return refuse(why, "the alignment of its thread-local segment "
				   "is no power of two");
	return 0;
}

int image_parse(struct image *image, struct why *why)
{
	const Elf64_Ehdr *header;
	struct segment notes = {0};
	int result = check_header(image, &header, why);
	if (!result)
		result = read_segments(image, &notes, why);
	if (!result)
		result = check_entry(image, why);
	if (!result)
		result = check_tls(image, why);
	if (!result)
		result = image_read_notes(image, &notes, why);
	if (result && image->elf) {
		elf_end(image->elf);
		image->elf = NULL;
	}
	return result;
}

int image_load(const struct image *image, const struct gmem *ram, uint64_t load,
	       struct why *why)
{
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct segment *segment = &image->segments[i];
		struct uhyve_gpa to = {segment->vaddr + load};
		/* What filesz leaves of memsz is zero already. */
		if (!gmem_valid(ram, to.addr, segment->memsz) ||
		    gmem_store(ram, to, image->bytes + segment->offset,
			       segment->filesz))
			return refuse(why,
				      "the segment at 0x%" PRIx64
				      " does not fit into guest memory",
				      segment->vaddr);
	}
	return image->relocatable ? image_relocate(image, ram, load, why) : 0;
}
