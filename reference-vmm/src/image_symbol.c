/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From an address to the function around it, for diagnoses. The file is read
 * again, through one buffer, and at most IMAGE_MAX_SYMBOLS symbols of it:
 * whatever its tables say, this ends soon and takes no memory.
 */
#include "image.h"

#include <elf.h>

/* Symbols and section headers that are read at once. */
#define BATCH 128

/* The best candidate so far, and how much may still be looked at. */
struct search {
	const struct image *image;
	uint64_t vaddr;
	Elf64_Sym best;   /* st_name 0: none */
	uint64_t strings; /* the file's offset of its table of names */
	uint64_t strings_size;
	uint64_t symbols_left;
};

/*@
  // The best symbol, if there is one, begins at vaddr or below it.
  predicate search_is_sound(struct search *search) =
    \valid_read(search->image) &&
    (search->best.st_name != 0 ==> search->best.st_value <= search->vaddr);
*/

/*@
  requires \valid_read(search) && \valid_read(symbol);
  assigns \nothing;
  ensures \result ==>
    symbol->st_name != 0 && symbol->st_value <= search->vaddr;
*/
/*
 * A function around vaddr, or, for code in assembly language, the nearest label
 * without a size below it.
 */
static bool is_better(const struct search *search, const Elf64_Sym *symbol)
{
	unsigned char type = ELF64_ST_TYPE(symbol->st_info);
	return symbol->st_name && (type == STT_FUNC || type == STT_NOTYPE) &&
	       symbol->st_shndx != SHN_UNDEF && symbol->st_shndx != SHN_ABS &&
	       symbol->st_value <= search->vaddr &&
	       (!symbol->st_size ||
		search->vaddr - symbol->st_value < symbol->st_size) &&
	       (!search->best.st_name ||
		symbol->st_value >= search->best.st_value);
}

/*@
  requires \valid(search) && search_is_sound(search);
  requires \valid_read(table) && \valid_read(names);
  requires \separated(search, search->image, table, names);
  assigns search->best, search->strings, search->strings_size,
    search->symbols_left, errno;
  ensures search_is_sound(search);
*/
static void look_in(struct search *search, const Elf64_Shdr *table,
		    const Elf64_Shdr *names)
{
	Elf64_Sym symbols[BATCH];
	uint64_t left = table->sh_size / sizeof(symbols[0]);
	uint64_t offset = table->sh_offset;
	/*@
	  loop invariant search_is_sound(search);
	  loop assigns left, offset, symbols[0 .. BATCH - 1], search->best,
	    search->strings, search->strings_size, search->symbols_left, errno;
	  loop variant left;
	*/
	while (left > 0 && search->symbols_left > 0) {
		uint64_t n = left < BATCH ? left : BATCH;
		n = n < search->symbols_left ? n : search->symbols_left;
		if (image_read(search->image, offset, symbols,
			       n * sizeof(symbols[0])))
			return;
		/*@
		  loop invariant 0 <= i <= n;
		  loop invariant search_is_sound(search);
		  loop assigns i, search->best, search->strings,
		    search->strings_size;
		  loop variant n - i;
		*/
		for (uint64_t i = 0; i < n; i++)
			if (is_better(search, &symbols[i])) {
				search->best = symbols[i];
				search->strings = names->sh_offset;
				search->strings_size = names->sh_size;
			}
		left -= n;
		search->symbols_left -= n;
		offset += n * sizeof(symbols[0]);
	}
}

/*@
  requires \valid_read(image) && \valid_read(header) && \valid(to);
  requires \separated(image, header, to);
  assigns *to, errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> index < header->e_shnum;
*/
/* The section of that index. */
static int section(const struct image *image, const Elf64_Ehdr *header,
		   uint32_t index, Elf64_Shdr *to)
{
	if (index >= header->e_shnum)
		return -1;
	uint64_t offset;
	if (__builtin_add_overflow(header->e_shoff,
				   (uint64_t)index * sizeof(*to), &offset))
		return -1;
	return image_read(image, offset, to, sizeof(*to));
}

/*@
  requires \valid(search) && search_is_sound(search);
  requires \valid_read(header) && \separated(search, search->image, header);
  assigns search->best, search->strings, search->strings_size,
    search->symbols_left, errno;
  ensures search_is_sound(search);
*/
static void look_in_all(struct search *search, const Elf64_Ehdr *header)
{
	Elf64_Shdr table, names;
	/*@
	  loop invariant 0 <= i <= IMAGE_MAX_SECTIONS;
	  loop invariant search_is_sound(search);
	  loop assigns i, table, names, search->best, search->strings,
	    search->strings_size, search->symbols_left, errno;
	  loop variant IMAGE_MAX_SECTIONS - i;
	*/
	for (uint32_t i = 0; i < IMAGE_MAX_SECTIONS &&
			     section(search->image, header, i, &table) == 0;
	     i++)
		if ((table.sh_type == SHT_SYMTAB ||
		     table.sh_type == SHT_DYNSYM) &&
		    table.sh_entsize == sizeof(Elf64_Sym) &&
		    section(search->image, header, table.sh_link, &names) == 0)
			look_in(search, &table, &names);
}

void image_printable(char *text)
{
	/*@
	  loop invariant 0 <= i <= \at(strlen(text), Pre);
	  loop invariant text[\at(strlen(text), Pre)] == 0;
	  loop invariant \forall integer j; i <= j < \at(strlen(text), Pre) ==>
	    text[j] != 0;
	  loop invariant \forall integer j; 0 <= j < i ==>
	    0x20 <= text[j] <= 0x7e;
	  loop assigns i, text[0 .. \at(strlen(text), Pre)];
	  loop variant \at(strlen(text), Pre) - i;
	*/
	for (size_t i = 0; text[i]; i++) {
		//@ assert i < \at(strlen(text), Pre);
		if (text[i] < 0x20 || text[i] > 0x7e)
			text[i] = '?';
	}
}

/*@
  requires \valid_read(search) && \valid_read(search->image);
  requires \valid(name + (0 .. IMAGE_NAME_SIZE - 1));
  requires \separated(
    name + (0 .. IMAGE_NAME_SIZE - 1), search, search->image);
  assigns name[0 .. IMAGE_NAME_SIZE - 1], errno;
  ensures \result ==> valid_read_string(name) &&
    0 < strlen(name) < IMAGE_NAME_SIZE;
*/
/* The name in the file's table; it need not end there. */
static bool read_name(const struct search *search, char name[IMAGE_NAME_SIZE])
{
	uint64_t at = search->best.st_name, offset;
	if (at >= search->strings_size ||
	    __builtin_add_overflow(search->strings, at, &offset))
		return false;
	uint64_t size = search->strings_size - at;
	if (size > IMAGE_NAME_SIZE - 1)
		size = IMAGE_NAME_SIZE - 1;
	if (image_read(search->image, offset, name, size))
		return false;
	name[size] = '\0';
	image_printable(name);
	return name[0] != '\0';
}

bool image_symbol(const struct image *image, uint64_t vaddr,
		  char name[IMAGE_NAME_SIZE], uint64_t *distance)
{
	struct search search = {.image = image,
				.vaddr = vaddr,
				.symbols_left = IMAGE_MAX_SYMBOLS};
	Elf64_Ehdr header;
	if (vaddr < image->start || vaddr >= image->end ||
	    image_read(image, 0, &header, sizeof(header)) ||
	    header.e_shentsize != sizeof(Elf64_Shdr))
		return false;
	look_in_all(&search, &header);
	if (!search.best.st_name || !read_name(&search, name))
		return false;
	*distance = vaddr - search.best.st_value;
	return true;
}
