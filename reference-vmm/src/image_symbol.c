/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From an address to the function around it, for diagnoses. */
#include "image.h"

#include <gelf.h>

/* The best candidate so far. */
struct found {
	const char *name;
	uint64_t value;
};

/*
 * A function around vaddr, or, for code in assembly language, the nearest label
 * without a size below it.
 */
static void look_in(Elf *elf, Elf_Data *data, size_t count, size_t strings,
		    uint64_t vaddr, struct found *found)
{
	GElf_Sym symbol;
	for (size_t i = 0; i < count && gelf_getsym(data, (int)i, &symbol);
	     i++) {
		unsigned char type = GELF_ST_TYPE(symbol.st_info);
		if ((type != STT_FUNC && type != STT_NOTYPE) ||
		    symbol.st_shndx == SHN_UNDEF ||
		    symbol.st_shndx == SHN_ABS || symbol.st_value > vaddr ||
		    (symbol.st_size &&
		     vaddr - symbol.st_value >= symbol.st_size) ||
		    (found->name && symbol.st_value < found->value))
			continue;
		const char *name = elf_strptr(elf, strings, symbol.st_name);
		if (name && *name)
			*found = (struct found){name, symbol.st_value};
	}
}

const char *image_symbol(const struct image *image, uint64_t vaddr,
			 uint64_t *distance)
{
	struct found found = {0};
	Elf_Scn *section = NULL;
	if (vaddr < image->start || vaddr >= image->end)
		return NULL;
	while ((section = elf_nextscn(image->elf, section))) {
		GElf_Shdr header;
		if (!gelf_getshdr(section, &header) ||
		    (header.sh_type != SHT_SYMTAB &&
		     header.sh_type != SHT_DYNSYM) ||
		    header.sh_entsize != sizeof(Elf64_Sym))
			continue;
		Elf_Data *data = elf_getdata(section, NULL);
		if (data)
			look_in(image->elf, data,
				header.sh_size / sizeof(Elf64_Sym),
				header.sh_link, vaddr, &found);
	}
	*distance = vaddr - found.value;
	return found.name;
}
