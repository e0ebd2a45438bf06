/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The checks on an image, in the order in which its user can repair it. */
#include "image.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "arch.h"

/*@
  requires \valid_read(e + (0 .. EI_NIDENT - 1)) && \valid(why);
  requires \separated(e + (0 .. EI_NIDENT - 1), why);
  assigns *why;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> size >= sizeof(Elf64_Ehdr);
*/
/* The identification, of a file that begins with size bytes of a header. */
static int check_ident(const uint8_t *e, uint64_t size, struct why *why)
{
	if (size >= 2 && e[0] == 0x1f && e[1] == 0x8b)
		return refuse(why, "it is a gzip archive; give the ELF file "
				   "inside it");
	if (size < SELFMAG || memcmp(e, ELFMAG, SELFMAG) != 0)
		return refuse_for(why, REFUSED_NOT_ELF,
				  "it is not an ELF file");
	if (size < sizeof(Elf64_Ehdr))
		return refuse_for(why, REFUSED_TRUNCATED,
				  "it is truncated: %" PRIu64
				  " bytes do not hold "
				  "an ELF header",
				  size);
	if (e[EI_CLASS] != ELFCLASS64)
		return refuse_for(why, REFUSED_CLASS,
				  "it is not a 64-bit ELF file");
	if (e[EI_DATA] != ELFDATA2LSB)
		return refuse_for(why, REFUSED_BYTE_ORDER,
				  "it is not little-endian");
	return 0;
}

/*@
  requires \valid_read(header) && \valid(why) && \separated(header, why);
  assigns *why;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> header->e_phentsize == sizeof(Elf64_Phdr);
*/
/* The fields after it. */
static int check_fields(const Elf64_Ehdr *header, struct why *why)
{
	if (header->e_machine != arch.elf_machine)
		return refuse_for(why, REFUSED_MACHINE,
				  "it is for ELF machine %u, this host runs "
				  "%s (%u)",
				  header->e_machine, arch.name,
				  arch.elf_machine);
	if (header->e_type != ET_DYN && header->e_type != ET_EXEC)
		return refuse_for(why, REFUSED_TYPE,
				  "it is neither an executable nor position "
				  "independent (ELF type %u)",
				  header->e_type);
	if (header->e_ident[EI_VERSION] != EV_CURRENT ||
	    header->e_version != EV_CURRENT)
		return refuse(why, "its ELF version is %" PRIu32 ", not %d",
			      header->e_version, EV_CURRENT);
	if (header->e_phoff % sizeof(uint64_t) ||
	    header->e_phentsize != sizeof(Elf64_Phdr))
		return refuse_for(why, REFUSED_HEADERS,
				  "bad program headers: %u bytes each at byte "
				  "%" PRIu64,
				  header->e_phentsize, header->e_phoff);
	return 0;
}

/*@
  requires \valid(image) && \valid(header) && \valid(why);
  requires \separated(image, header, why);
  assigns image->relocatable, image->entry, *header, *why, errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> header->e_phentsize == sizeof(Elf64_Phdr);
*/
/* Reads and checks the ELF header (UHY-BOOT-010 to 016). */
static int check_header(struct image *image, Elf64_Ehdr *header,
			struct why *why)
{
	uint64_t size =
		image->size < sizeof(*header) ? image->size : sizeof(*header);
	*header = (Elf64_Ehdr){0};
	if (image_read(image, 0, header, size))
		return refuse(why, "cannot read it");
	if (check_ident(header->e_ident, size, why) ||
	    check_fields(header, why))
		return -1;
	image->relocatable = header->e_type == ET_DYN;
	image->entry = header->e_entry;
	return 0;
}

/*@
  requires \valid_read(image) && \valid_read(header) && \valid(segment) &&
    \valid(why) && \separated(segment, header, why) &&
    \separated(why, image);
  requires \separated(segment, &image->size);
  assigns *segment, *why;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==>
    segment->offset + segment->filesz <= image->size;
  ensures \result == 0 ==>
    segment->vaddr + segment->memsz <= 0xffffffffffffffff;
  ensures \result == 0 ==> segment->vaddr == header->p_vaddr &&
    segment->memsz == header->p_memsz && segment->filesz == header->p_filesz;
*/
/* A program header as a segment whose bytes lie in the file (UHY-BOOT-015). */
static int take_segment(const struct image *image, const Elf64_Phdr *header,
			struct segment *segment, struct why *why)
{
	if (header->p_filesz > image->size ||
	    header->p_offset > image->size - header->p_filesz)
		return refuse_for(
			why, REFUSED_TRUNCATED,
			"it is truncated: a segment ends at byte %" PRIu64
			", the file at byte %" PRIu64,
			header->p_offset + header->p_filesz, image->size);
	uint64_t end;
	if (__builtin_add_overflow(header->p_vaddr, header->p_memsz, &end))
		return refuse(why,
			      "the segment at 0x%" PRIx64
			      " overflows the address space",
			      header->p_vaddr);
	segment->vaddr = header->p_vaddr;
	segment->memsz = header->p_memsz;
	segment->offset = header->p_offset;
	segment->filesz = header->p_filesz;
	segment->align = header->p_align;
	segment->writable = (header->p_flags & PF_W) != 0;
	return 0;
}

/*@
  requires \valid_read(image) && \valid_read(header) && \valid(why);
  requires \separated(image, header, why) && segments_fit(image);
  assigns *why;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> image->segment_count < IMAGE_MAX_SEGMENTS &&
    header->p_filesz <= header->p_memsz &&
    (image->segment_count > 0 ==> image->end <= header->p_vaddr);
*/
/* Is there room for one more, and does it come after the others? */
static int check_load(const struct image *image, const Elf64_Phdr *header,
		      struct why *why)
{
	if (image->segment_count == IMAGE_MAX_SEGMENTS)
		return refuse(why, "it has more than %d segments",
			      IMAGE_MAX_SEGMENTS);
	if (header->p_filesz > header->p_memsz)
		return refuse_for(why, REFUSED_LONG_SEGMENT,
				  "the segment at 0x%" PRIx64
				  " is larger in the file than in memory",
				  header->p_vaddr);
	if (image->segment_count > 0 && header->p_vaddr < image->end)
		return refuse_for(why, REFUSED_OVERLAP,
				  "the segment at 0x%" PRIx64 " overlaps or "
				  "precedes the one before it",
				  header->p_vaddr);
	return 0;
}

/*@
  requires \valid(image) && \valid_read(header) && \valid(why);
  requires \separated(image, header, why);
  requires segments_are_sound(image);
  assigns image->start, image->end, image->segments[0 .. IMAGE_MAX_SEGMENTS - 1],
    image->segment_count, *why;
  ensures \result == 0 || \result == -1;
  ensures segments_are_sound(image);
*/
static int take_load(struct image *image, const Elf64_Phdr *header,
		     struct why *why)
{
	if (header->p_memsz == 0 && header->p_filesz == 0)
		return 0;
	if (check_load(image, header, why))
		return -1;
	struct segment *segment = &image->segments[image->segment_count];
	int error = take_segment(image, header, segment, why);
	//@ assert segments_are_sound(image);
	if (error)
		return error;
	if (image->segment_count == 0 && !image->relocatable)
		image->start = segment->vaddr;
	image->end = segment->vaddr + segment->memsz;
	//@ assert segments_are_sound(image);
	//@ assert segment_is_sound(segment, image->size);
	image->segment_count++;
	//@ assert segment == &image->segments[image->segment_count - 1];
	//@ assert segments_are_sound(image);
	return 0;
}

/*@
  requires \valid_read(image) && \valid_read(header) && \valid(segment) &&
    \valid(why) && \separated(segment, header, why) &&
    \separated(why, image);
  requires \separated(segment, &image->size);
  assigns *segment, *why;
  ensures \result == 0 || \result == -1;
*/
/* Only the first of each of these kinds counts. */
static int take_single(const struct image *image, const Elf64_Phdr *header,
		       struct segment *segment, struct why *why)
{
	if (segment->memsz)
		return 0;
	return take_segment(image, header, segment, why);
}

/*@
  requires \valid(image) && \valid_read(header) && \valid(notes) &&
    \valid(why) && \separated(image, header, notes, why);
  requires segments_are_sound(image);
  assigns image->start, image->end, image->segments[0 .. IMAGE_MAX_SEGMENTS - 1],
    image->segment_count, image->dynamic, image->tls, *notes, *why;
  ensures \result == 0 || \result == -1;
  ensures segments_are_sound(image);
*/
static int take_header(struct image *image, const Elf64_Phdr *header,
		       struct segment *notes, struct why *why)
{
	switch (header->p_type) {
	case PT_LOAD:
		return take_load(image, header, why);
	case PT_NOTE:
		return take_single(image, header, notes, why);
	case PT_DYNAMIC:
		return take_single(image, header, &image->dynamic, why);
	case PT_TLS:
		return take_single(image, header, &image->tls, why);
	default:
		return 0;
	}
}

/*@
  requires \valid(image) && \valid_read(header) && \valid(notes) &&
    \valid(why) && \separated(image, header, notes, why);
  requires image->segment_count == 0;
  assigns image->start, image->end, image->segments[0 .. IMAGE_MAX_SEGMENTS - 1],
    image->segment_count, image->dynamic, image->tls, *notes, *why, errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==>
    segments_are_sound(image) && image->segment_count > 0;
*/
static int read_segments(struct image *image, const Elf64_Ehdr *header,
			 struct segment *notes, struct why *why)
{
	Elf64_Phdr headers[IMAGE_MAX_HEADERS];
	unsigned count = header->e_phnum;
	if (count > IMAGE_MAX_HEADERS)
		return refuse_for(why, REFUSED_HEADERS,
				  "it has more than %d program headers",
				  IMAGE_MAX_HEADERS);
	if (image_read(image, header->e_phoff, headers,
		       count * sizeof(headers[0])))
		return refuse_for(
			why, REFUSED_HEADERS,
			"bad program headers: %u of them at byte %" PRIu64
			" of %" PRIu64,
			count, header->e_phoff, image->size);
	/*@
	  loop invariant 0 <= i <= count;
	  loop invariant segments_are_sound(image);
	  loop assigns i, image->start, image->end,
	    image->segments[0 .. IMAGE_MAX_SEGMENTS - 1], image->segment_count,
	    image->dynamic, image->tls, *notes, *why;
	  loop variant count - i;
	*/
	for (unsigned i = 0; i < count; i++)
		if (take_header(image, &headers[i], notes, why))
			return -1;
	if (image->segment_count == 0)
		return refuse(why, "it has no segment to load");
	return 0;
}

/*@
  requires \valid(image) && \valid_read(notes) && \valid(why);
  requires \separated(image, notes, why);
  assigns image->interface, image->whole_gigabytes, *why, errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> 1 <= image->interface <= UHYVE_INTERFACE_VERSION;
*/
static int read_notes(struct image *image, const struct segment *notes,
		      struct why *why)
{
	if (notes->filesz == 0)
		return refuse_for(why, REFUSED_NO_NOTES,
				  "it has no notes: it is not a Hermit image");
	if (notes->filesz > IMAGE_MAX_NOTES)
		return refuse(why, "it has more than %d bytes of notes",
			      IMAGE_MAX_NOTES);
	char bytes[IMAGE_MAX_NOTES];
	if (image_read(image, notes->offset, bytes, notes->filesz))
		return refuse(why, "its notes cannot be read");
	return image_read_notes(image, bytes, notes->filesz,
				notes->align == 8 ? 8 : 4, why);
}

/*@
  requires \valid_read(image) && \valid(why) && \separated(image, why);
  requires segments_are_sound(image);
  assigns *why;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> entry_is_in_a_segment(image);
*/
/* UHY-BOOT-020. */
static int check_entry(const struct image *image, struct why *why)
{
	if (image->entry == 0)
		return refuse_for(why, REFUSED_ENTRY_POINT,
				  "it has no entry point");
	/*@
	  loop invariant 0 <= i <= image->segment_count;
	  loop assigns i;
	  loop variant image->segment_count - i;
	*/
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct segment *segment = &image->segments[i];
		if (image->entry >= segment->vaddr &&
		    image->entry - segment->vaddr < segment->memsz)
			return 0;
	}
	return refuse_for(why, REFUSED_ENTRY_POINT,
			  "its entry point 0x%" PRIx64
			  " lies in none of its segments",
			  image->entry);
}

/*@
  requires \valid_read(image) && \valid(why) && \separated(image, why);
  requires segments_are_sound(image);
  assigns *why;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 && image->tls.memsz > 0 ==>
    image->tls.filesz <= image->tls.memsz &&
    (image->tls.filesz > 0 ==>
      file_has(image, image->tls.vaddr, image->tls.filesz));
*/
/* The thread-local template is part of the image in memory. */
static int check_tls(const struct image *image, struct why *why)
{
	const struct segment *tls = &image->tls;
	if (tls->memsz == 0)
		return 0;
	if (tls->filesz > tls->memsz ||
	    (tls->filesz && !image_has(image, tls->vaddr, tls->filesz)))
		return refuse(why, "its thread-local segment lies outside its "
				   "loaded segments");
	if (tls->align & (tls->align - 1))
		return refuse(why, "the alignment of its thread-local segment "
				   "is not a power of two");
	return 0;
}

int image_parse(struct image *image, struct why *why)
{
	Elf64_Ehdr header;
	struct segment notes = {0};
	if (check_header(image, &header, why) ||
	    read_segments(image, &header, &notes, why) ||
	    check_entry(image, why) || check_tls(image, why))
		return -1;
	return read_notes(image, &notes, why);
}

int image_load(const struct image *image, const struct gmem *ram, uint64_t load,
	       struct why *why)
{
	/*@
	  loop invariant 0 <= i <= image->segment_count;
	  loop assigns i, ram->host[0 .. ram->size - 1], *why, errno;
	  loop variant image->segment_count - i;
	*/
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct segment *segment = &image->segments[i];
		struct uhyve_gpa to = {segment->vaddr + load};
		void *at = gmem_at(ram, to, segment->memsz);
		if (!at)
			return refuse(why,
				      "the segment at 0x%" PRIx64
				      " does not fit into guest memory",
				      segment->vaddr);
		/* What filesz leaves of memsz is zero already. */
		if (image_read(image, segment->offset, at, segment->filesz))
			return refuse(why,
				      "the segment at 0x%" PRIx64
				      " cannot be read; did the file change?",
				      segment->vaddr);
	}
	return image->relocatable ? image_relocate(image, ram, load, why) : 0;
}
