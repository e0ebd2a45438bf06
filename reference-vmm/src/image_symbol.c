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

static void look_in(struct search *search, const Elf64_Shdr *table,
		    const Elf64_Shdr *names)
{
	Elf64_Sym symbols[BATCH];
	uint64_t left = table->sh_size / sizeof(symbols[0]);
	uint64_t offset = table->sh_offset;
	while (left > 0 && search->symbols_left > 0) {
		uint64_t n = left < BATCH ? left : BATCH;
		n = n < search->symbols_left ? n : search->symbols_left;
		if (image_read(search->image, offset, symbols,
			       n * sizeof(symbols[0])))
			return;
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

static void look_in_all(struct search *search, const Elf64_Ehdr *header)
{
	Elf64_Shdr table, names;
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
	for (; *text; text++)
		if (*text < 0x20 || *text > 0x7e)
			*text = '?';
}

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
