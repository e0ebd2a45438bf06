/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A small valid image in memory, for tests that break one thing of it. */
#ifndef IMAGE_MAKER_H
#define IMAGE_MAKER_H

#include <elf.h>
#include <stdint.h>

#include "image.h"

enum made_header { MADE_LOAD, MADE_DATA, MADE_NOTE, MADE_DYNAMIC, MADE_TLS };
enum made_entry {
	MADE_RELA,
	MADE_RELASZ,
	MADE_RELAENT,
	MADE_SYMTAB,
	MADE_STRTAB,
	MADE_SPARE, /* DT_NULL, for one more */
	MADE_END
};

/* One note, padded as in a file. */
struct made_note {
	Elf64_Nhdr head;
	char name[8];
	uint8_t desc[4];
};
struct made_abi_note {
	Elf64_Nhdr head;
	char name[4];
	uint32_t desc[4];
};

/*
 * The file. All of it up to data is the first segment, at address 0; data is
 * the second one, with zeroes after it.
 */
struct made_image {
	Elf64_Ehdr header;
	Elf64_Phdr program[5];
	struct made_note entry_note, interface_note;
	struct made_abi_note abi_note;
	Elf64_Dyn dynamic[MADE_END + 1];
	Elf64_Rela rela[4];   /* RELATIVE, ABS64, GLOB_DAT, weak ABS64 */
	Elf64_Sym symbols[3]; /* none, "known" at code, "weak" undefined */
	char strings[16];
	Elf64_Shdr sections[3]; /* null, .symtab, .strtab */
	uint8_t code[64];
	uint64_t data[8];
};

/* Addresses in it, as linked. */
#define MADE_AT(member) offsetof(struct made_image, member)
#define MADE_SLOT(i) (MADE_AT(data) + 8 * (i))
#define MADE_ZERO 256 /* bytes after data that are not in the file */

void image_make(struct made_image *made);

/* The bytes as a file that image_open() opened; image_close() takes it away. */
struct image image_of(const void *bytes, size_t size);

#endif
