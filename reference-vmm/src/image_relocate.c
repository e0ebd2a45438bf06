/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Relocations of position-independent images, read where the image lies in
 * guest memory.
 */
#include "image.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>

#include "arch.h"

/* A loaded image. */
struct loaded {
	const struct image *image;
	const struct gmem *ram;
	uint64_t load;
};

/*@
  // What is read lies in the file's part of a segment, in memory of ours.
  predicate is_loaded(struct loaded *in) =
    \valid_read(in->image) && segments_fit(in->image) &&
    \valid_read(in->ram) && ram_is_host_memory(in->ram) &&
    \separated(in, in->image, in->ram,
      in->ram->host + (0 .. in->ram->size - 1));
*/

/* The entries of PT_DYNAMIC that matter here; addresses as linked. */
struct dynamic {
	uint64_t rela, rela_size;
	uint64_t symbols, strings;
};

/*@
  requires \valid_read(entry);
  assigns \nothing;
*/
/* The message for an image that needs more than this loader does, or NULL. */
static const char *unsupported(const Elf64_Dyn *entry)
{
	switch (entry->d_tag) {
	case DT_NEEDED:
		return "it needs shared libraries; link it statically";
	case DT_RELSZ:
		return entry->d_un.d_val ? "it has REL relocations" : NULL;
	case DT_PLTRELSZ:
		return entry->d_un.d_val ? "it has lazy (PLT) relocations"
					 : NULL;
	case 35: /* DT_RELRSZ */
		return entry->d_un.d_val ? "it has RELR relocations; link it "
					   "with -z nopack-relative-relocs"
					 : NULL;
	case DT_RELAENT:
		return entry->d_un.d_val != sizeof(Elf64_Rela)
			       ? "its relocations have an unknown size"
			       : NULL;
	default:
		return NULL;
	}
}

/*@
  requires \valid_read(in) && is_loaded(in);
  assigns \nothing;
  ensures \result != \null && len > 0 ==>
    \valid_read(\result + (0 .. len - 1)) &&
    file_has(in->image, vaddr, len);
*/
/*
 * The len bytes of the image at this linked address, or NULL when they did not
 * come from the file's part of one segment.
 */
static const uint8_t *bytes_at(const struct loaded *in, uint64_t vaddr,
			       uint64_t len)
{
	if (!image_has(in->image, vaddr, len))
		return NULL;
	return gmem_at(in->ram, (struct uhyve_gpa){vaddr + in->load}, len);
}

/*@
  requires \valid_read(in) && is_loaded(in);
  requires \valid(dynamic) && \valid(why);
  requires \separated(dynamic, why, in, in->image, in->ram,
    in->ram->host + (0 .. in->ram->size - 1));
  assigns *dynamic, *why;
  ensures \result == 0 || \result == -1;
*/
static int read_dynamic(const struct loaded *in, struct dynamic *dynamic,
			struct why *why)
{
	const struct segment *from = &in->image->dynamic;
	const uint8_t *bytes = bytes_at(in, from->vaddr, from->filesz);
	Elf64_Dyn entry;
	if (!bytes)
		return refuse(why, "its dynamic segment lies outside its "
				   "loaded segments");
	/*@
	  loop invariant 0 <= at <= from->filesz;
	  loop assigns at, entry, *dynamic, *why;
	  loop variant from->filesz - at;
	*/
	for (uint64_t at = 0; from->filesz - at >= sizeof(entry);
	     at += sizeof(entry)) {
		memcpy(&entry, bytes + at, sizeof(entry));
		const char *problem = unsupported(&entry);
		if (problem)
			return refuse_for(why, REFUSED_RELOCATION_TABLE, "%s",
					  problem);
		if (entry.d_tag == DT_NULL)
			break;
		if (entry.d_tag == DT_RELA)
			dynamic->rela = entry.d_un.d_ptr;
		else if (entry.d_tag == DT_RELASZ)
			dynamic->rela_size = entry.d_un.d_val;
		else if (entry.d_tag == DT_SYMTAB)
			dynamic->symbols = entry.d_un.d_ptr;
		else if (entry.d_tag == DT_STRTAB)
			dynamic->strings = entry.d_un.d_ptr;
	}
	return 0;
}

/*@
  requires \valid_read(in) && is_loaded(in);
  requires \valid_read(dynamic) && \valid_read(symbol);
  requires \valid(name + (0 .. 63));
  requires \separated(name + (0 .. 63), in, in->image, in->ram, dynamic,
    symbol, in->ram->host + (0 .. in->ram->size - 1));
  assigns name[0 .. 63];
  ensures valid_read_string(name) && strlen(name) < 64;
*/
/* The name of a symbol if it can be had; it need not end in the file. */
static void symbol_name(const struct loaded *in, const struct dynamic *dynamic,
			const Elf64_Sym *symbol, char name[64])
{
	uint64_t at = dynamic->strings + symbol->st_name;
	unsigned i = 0;
	const uint8_t *byte;
	/*@
	  loop invariant 0 <= i <= 63;
	  loop invariant \forall integer j; 0 <= j < i ==> name[j] != 0;
	  loop assigns i, byte, name[0 .. 63];
	  loop variant 63 - i;
	*/
	while (i < 63 && (byte = bytes_at(in, at + i, 1))) {
		const char next = (char)*byte;
		if (!next)
			break;
		name[i++] = next;
	}
	name[i] = '\0';
	image_printable(name);
}

/*@
  requires \valid_read(in) && is_loaded(in) && \valid_read(dynamic);
  requires \valid(value) && \valid(why);
  requires \separated(value, why, dynamic, in, in->image, in->ram,
    in->ram->host + (0 .. in->ram->size - 1));
  assigns *value, *why;
  ensures -1 <= \result <= 1;
*/
/*
 * The symbol that a relocation names: 0 with its value, 1 when it is weak and
 * undefined so that the slot keeps its zero, -1 when it is refused.
 */
static int symbol_value(const struct loaded *in, const struct dynamic *dynamic,
			uint32_t index, uint64_t *value, struct why *why)
{
	Elf64_Sym symbol;
	uint64_t at = dynamic->symbols + (uint64_t)index * sizeof(symbol);
	const uint8_t *bytes = bytes_at(in, at, sizeof(symbol));
	if (!dynamic->symbols || !bytes)
		return refuse(why,
			      "a relocation names symbol %" PRIu32
			      ", which the image does not have",
			      index);
	memcpy(&symbol, bytes, sizeof(symbol));
	*value = symbol.st_shndx == SHN_ABS ? symbol.st_value
					    : in->load + symbol.st_value;
	if (symbol.st_shndx != SHN_UNDEF)
		return 0;
	if (ELF64_ST_BIND(symbol.st_info) == STB_WEAK)
		return 1;
	char name[64];
	symbol_name(in, dynamic, &symbol, name);
	return refuse(why, "its symbol %s is undefined", name);
}

/*@
  requires \valid_read(image) && segments_fit(image);
  assigns \nothing;
  ensures \result <==> \exists integer i; 0 <= i < image->segment_count &&
    image->segments[i].vaddr <= vaddr &&
    vaddr + 8 <= image->segments[i].vaddr + image->segments[i].memsz;
*/
/* True if a slot of 8 bytes lies in a segment, so that it may be written. */
static bool in_segment(const struct image *image, uint64_t vaddr)
{
	/*@
	  loop invariant 0 <= i <= image->segment_count;
	  loop invariant \forall integer j; 0 <= j < i ==>
	    !(image->segments[j].vaddr <= vaddr &&
	      vaddr + 8 <=
	        image->segments[j].vaddr + image->segments[j].memsz);
	  loop assigns i;
	  loop variant image->segment_count - i;
	*/
	for (unsigned i = 0; i < image->segment_count; i++) {
		const struct segment *segment = &image->segments[i];
		uint64_t offset = vaddr - segment->vaddr;
		if (vaddr >= segment->vaddr && segment->memsz >= 8 &&
		    offset <= segment->memsz - 8)
			return true;
	}
	return false;
}

/*@
  requires \valid_read(in) && is_loaded(in) && \valid_read(dynamic);
  requires \valid_read(rela) && \valid(why);
  requires \separated(why, dynamic, rela, in, in->image, in->ram,
    in->ram->host + (0 .. in->ram->size - 1));
  assigns *why, in->ram->host[0 .. in->ram->size - 1];
  ensures \result == 0 || -4096 < \result < 0;
*/
static int relocate(const struct loaded *in, const struct dynamic *dynamic,
		    const Elf64_Rela *rela, struct why *why)
{
	uint32_t type = (uint32_t)ELF64_R_TYPE(rela->r_info);
	uint32_t index = (uint32_t)ELF64_R_SYM(rela->r_info);
	uint64_t value = in->load;
	int result = 0;

	if (type == 0) /* R_*_NONE */
		return 0;
	if (!in_segment(in->image, rela->r_offset))
		return refuse(why,
			      "a relocation at 0x%" PRIx64
			      " lies outside the image",
			      rela->r_offset);
	if (type == arch.r_abs64 || type == arch.r_glob_dat)
		result = symbol_value(in, dynamic, index, &value, why);
	else if (type != arch.r_relative)
		return refuse_for(why, REFUSED_RELOCATION,
				  "relocation type %" PRIu32 " at 0x%" PRIx64
				  " is not supported",
				  type, rela->r_offset);
	if (result)
		return result < 0 ? result : 0;
	value += (uint64_t)rela->r_addend;
	struct uhyve_gpa slot = {rela->r_offset + in->load};
	return gmem_store(in->ram, slot, &value, sizeof(value));
}

int image_relocate(const struct image *image, const struct gmem *ram,
		   uint64_t load, struct why *why)
{
	const struct loaded in = {image, ram, load};
	struct dynamic dynamic = {0};
	if (image->dynamic.filesz == 0)
		return 0;
	if (read_dynamic(&in, &dynamic, why))
		return -1;
	if (dynamic.rela_size == 0)
		return 0;
	const uint8_t *relas = bytes_at(&in, dynamic.rela, dynamic.rela_size);
	if (!relas || dynamic.rela_size % sizeof(Elf64_Rela))
		return refuse(why,
			      "its relocation table lies outside the file");
	/*@
	  loop invariant 0 <= at <= dynamic.rela_size;
	  loop invariant at % sizeof(Elf64_Rela) == 0;
	  loop assigns at, *why, ram->host[0 .. ram->size - 1];
	  loop variant dynamic.rela_size - at;
	*/
	for (uint64_t at = 0; at < dynamic.rela_size;
	     at += sizeof(Elf64_Rela)) {
		Elf64_Rela rela;
		memcpy(&rela, relas + at, sizeof(rela));
		if (relocate(&in, &dynamic, &rela, why))
			return -1;
	}
	return 0;
}
