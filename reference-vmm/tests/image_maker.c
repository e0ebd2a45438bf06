/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "image_maker.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <uhyve_interface/boot.h>

#include "arch.h"

static void make_header(Elf64_Ehdr *header)
{
	*header = (Elf64_Ehdr){
		.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64,
			    ELFDATA2LSB, EV_CURRENT, UHYVE_ELF_OSABI},
		.e_type = ET_DYN,
		.e_machine = arch.elf_machine,
		.e_version = EV_CURRENT,
		.e_entry = MADE_AT(code) + 4,
		.e_phoff = MADE_AT(program),
		.e_shoff = MADE_AT(sections),
		.e_ehsize = sizeof(Elf64_Ehdr),
		.e_phentsize = sizeof(Elf64_Phdr),
		.e_phnum = 5,
		.e_shentsize = sizeof(Elf64_Shdr),
		.e_shnum = 3,
	};
}

static Elf64_Phdr program(uint32_t type, uint64_t at, uint64_t filesz,
			  uint64_t memsz)
{
	return (Elf64_Phdr){.p_type = type,
			    .p_flags = PF_R | PF_W | PF_X,
			    .p_offset = at,
			    .p_vaddr = at,
			    .p_filesz = filesz,
			    .p_memsz = memsz,
			    .p_align = type == PT_NOTE ? 4 : 8};
}

static void make_program(struct made_image *made)
{
	const uint64_t notes = sizeof(made->entry_note) +
			       sizeof(made->interface_note) +
			       sizeof(made->abi_note);
	made->program[MADE_LOAD] =
		program(PT_LOAD, 0, MADE_AT(data), MADE_AT(data));
	made->program[MADE_DATA] =
		program(PT_LOAD, MADE_AT(data), sizeof(made->data),
			sizeof(made->data) + MADE_ZERO);
	made->program[MADE_NOTE] =
		program(PT_NOTE, MADE_AT(entry_note), notes, notes);
	made->program[MADE_DYNAMIC] =
		program(PT_DYNAMIC, MADE_AT(dynamic), sizeof(made->dynamic),
			sizeof(made->dynamic));
	made->program[MADE_TLS] = program(PT_TLS, MADE_SLOT(6), 16, 24);
}

static void make_notes(struct made_image *made)
{
	made->entry_note = (struct made_note){{7, 1, UHYVE_NOTE_ENTRY_TYPE},
					      UHYVE_NOTE_ENTRY_NAME,
					      {UHYVE_NOTE_ENTRY_VERSION}};
	made->interface_note =
		(struct made_note){{8, 4, UHYVE_NOTE_INTERFACE_TYPE},
				   UHYVE_NOTE_INTERFACE_NAME,
				   {0, 0, 0, 3}};
	made->abi_note = (struct made_abi_note){{4, 16, UHYVE_NOTE_ABI_TYPE},
						UHYVE_NOTE_ABI_NAME,
						{6, 0, 10, 0}};
}

static void make_dynamic(struct made_image *made)
{
	Elf64_Dyn *dynamic = made->dynamic;
	dynamic[MADE_RELA] = (Elf64_Dyn){DT_RELA, {MADE_AT(rela)}};
	dynamic[MADE_RELASZ] = (Elf64_Dyn){DT_RELASZ, {sizeof(made->rela)}};
	dynamic[MADE_RELAENT] = (Elf64_Dyn){DT_RELAENT, {sizeof(Elf64_Rela)}};
	dynamic[MADE_SYMTAB] = (Elf64_Dyn){DT_SYMTAB, {MADE_AT(symbols)}};
	dynamic[MADE_STRTAB] = (Elf64_Dyn){DT_STRTAB, {MADE_AT(strings)}};
	made->rela[0] = (Elf64_Rela){MADE_SLOT(0),
				     ELF64_R_INFO(0, arch.r_relative), 0x123};
	made->rela[1] =
		(Elf64_Rela){MADE_SLOT(1), ELF64_R_INFO(1, arch.r_abs64), 2};
	made->rela[2] =
		(Elf64_Rela){MADE_SLOT(2), ELF64_R_INFO(1, arch.r_glob_dat), 0};
	made->rela[3] =
		(Elf64_Rela){MADE_SLOT(3), ELF64_R_INFO(2, arch.r_abs64), 5};
}

static void make_symbols(struct made_image *made)
{
	memcpy(made->strings, "\0known\0weak", 12);
	made->symbols[1] =
		(Elf64_Sym){.st_name = 1,
			    .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_FUNC),
			    .st_shndx = 1,
			    .st_value = MADE_AT(code),
			    .st_size = sizeof(made->code)};
	made->symbols[2] = (Elf64_Sym){
		.st_name = 7, .st_info = ELF64_ST_INFO(STB_WEAK, STT_NOTYPE)};
	made->sections[1] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
					 .sh_offset = MADE_AT(symbols),
					 .sh_size = sizeof(made->symbols),
					 .sh_link = 2,
					 .sh_addralign = 8,
					 .sh_entsize = sizeof(Elf64_Sym)};
	made->sections[2] = (Elf64_Shdr){.sh_type = SHT_STRTAB,
					 .sh_offset = MADE_AT(strings),
					 .sh_size = sizeof(made->strings),
					 .sh_addralign = 1};
}

void image_make(struct made_image *made)
{
	memset(made, 0, sizeof(*made));
	make_header(&made->header);
	make_program(made);
	make_notes(made);
	make_dynamic(made);
	make_symbols(made);
	for (unsigned i = 0; i < 8; i++)
		made->data[i] = i == 3 ? 0 : 0x1111111111111111 * i;
}

struct image image_of(const void *bytes, size_t size)
{
	int fd = memfd_create("image", MFD_CLOEXEC);
	if (fd < 0 || write(fd, bytes, size) != (ssize_t)size)
		abort();
	return (struct image){.fd = fd, .size = size};
}
