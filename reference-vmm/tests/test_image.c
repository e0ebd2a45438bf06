/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Images: a good one, and everything that can be wrong with one. */
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <uhyve_interface/boot.h>

#include "fake.h"
#include "image_maker.h"

static void accepts(void **state)
{
	struct made_image made;
	struct why why;
	(void)state;
	image_make(&made);
	struct image image = image_of(&made, sizeof(made));
	assert_int_equal(image_parse(&image, &why), 0);
	assert_true(image.relocatable);
	assert_int_equal(image.entry, MADE_AT(code) + 4);
	assert_int_equal(image.start, 0);
	assert_int_equal(image.end, sizeof(made) + MADE_ZERO);
	assert_int_equal(image.segment_count, 2);
	assert_int_equal(image.interface, 3);
	assert_false(image.whole_gigabytes);
	assert_int_equal(image.tls.memsz, 24);
	char name[IMAGE_NAME_SIZE];
	uint64_t distance;
	assert_true(image_symbol(&image, MADE_AT(code) + 9, name, &distance));
	assert_string_equal(name, "known");
	assert_int_equal(distance, 9);
	assert_false(image_symbol(&image, UINT64_MAX, name, &distance));
	image_close(&image);
}

static void interface_and_age(void **state)
{
	struct made_image made;
	struct why why;
	(void)state;
	image_make(&made);
	made.interface_note.name[0] = 'X'; /* no such note: version 1 */
	made.abi_note.desc[2] = 9;         /* Hermit 0.9 */
	struct image image = image_of(&made, sizeof(made));
	assert_int_equal(image_parse(&image, &why), 0);
	assert_int_equal(image.interface, 1);
	assert_true(image.whole_gigabytes);
	image_close(&image);
}

/* A segment of notes may be aligned to 8: names and descriptors are padded so. */
static void notes_of_8(void **state)
{
	struct made_image made;
	struct why why;
	const Elf64_Nhdr heads[] = {{7, 1, UHYVE_NOTE_ENTRY_TYPE},
				    {8, 4, UHYVE_NOTE_INTERFACE_TYPE}};
	(void)state;
	image_make(&made);
	for (unsigned i = 0; i < 2; i++)
		memcpy(made.code + 32 * i, &heads[i], sizeof(heads[i]));
	memcpy(made.code + 12, UHYVE_NOTE_ENTRY_NAME, 7);
	made.code[24] = UHYVE_NOTE_ENTRY_VERSION;
	memcpy(made.code + 44, UHYVE_NOTE_INTERFACE_NAME, 8);
	made.code[56 + 3] = 2;
	made.program[MADE_NOTE].p_offset = MADE_AT(code);
	made.program[MADE_NOTE].p_filesz = sizeof(made.code);
	made.program[MADE_NOTE].p_align = 8;
	struct image image = image_of(&made, sizeof(made));
	assert_int_equal(image_parse(&image, &why), 0);
	assert_int_equal(image.interface, 2);
	image_close(&image);
	/* As notes of 4 the same bytes are others. */
	made.program[MADE_NOTE].p_align = 4;
	image = image_of(&made, sizeof(made));
	assert_int_equal(image_parse(&image, &why), -1);
	image_close(&image);
}

/* Fixed addresses: nothing of the image lies below its first segment. */
static void fixed_addresses(void **state)
{
	const uint64_t base = UINT64_C(0x40000000);
	struct made_image made;
	struct why why;
	char name[IMAGE_NAME_SIZE];
	uint64_t distance;
	(void)state;
	image_make(&made);
	made.header.e_type = ET_EXEC;
	made.header.e_entry += base;
	for (unsigned i = 0; i < made.header.e_phnum; i++)
		made.program[i].p_vaddr += base;
	made.symbols[1].st_value = base;
	struct image image = image_of(&made, sizeof(made));
	assert_int_equal(image_parse(&image, &why), 0);
	assert_false(image.relocatable);
	assert_int_equal(image.start, base);
	assert_true(image_symbol(&image, base, name, &distance));
	assert_string_equal(name, "known");
	assert_int_equal(distance, 0);
	assert_false(image_symbol(&image, base - 1, name, &distance));
	assert_false(image_symbol(&image, 0, name, &distance));
	image_close(&image);
}

/* ---- One thing wrong ----------------------------------------------------- */

#define BREAK(name, statement)                                                 \
	static void name(struct made_image *m)                                 \
	{                                                                      \
		statement;                                                     \
	}
BREAK(nothing, (void)m)
BREAK(magic, m->header.e_ident[0] = 0)
BREAK(gzip, memcpy(m, "\x1f\x8b", 2))
BREAK(class32, m->header.e_ident[EI_CLASS] = ELFCLASS32)
BREAK(big_endian, m->header.e_ident[EI_DATA] = ELFDATA2MSB)
BREAK(machine, m->header.e_machine = EM_RISCV)
BREAK(type, m->header.e_type = ET_REL)
BREAK(no_entry, m->header.e_entry = 0)
BREAK(wild_entry, m->header.e_entry = sizeof(*m) + MADE_ZERO)
BREAK(phoff, m->header.e_phoff = UINT64_MAX - 8)
BREAK(phalign, m->header.e_phoff += 4)
BREAK(phnum, m->header.e_phnum = 0xfff0)
BREAK(phentsize, m->header.e_phentsize = 8)
BREAK(no_load, m->program[0].p_type = m->program[1].p_type = PT_NULL)
BREAK(load_behind_file, m->program[1].p_offset = sizeof(*m) - 1)
BREAK(load_offset, m->program[1].p_offset = UINT64_MAX)
BREAK(load_filesz, m->program[1].p_filesz = m->program[1].p_memsz = UINT64_MAX)
BREAK(load_vaddr, m->program[1].p_vaddr = UINT64_MAX - 8)
BREAK(load_overlap, m->program[1].p_vaddr -= 1)
BREAK(load_order, m->program[0].p_vaddr = 0x100000)
BREAK(load_memsz, m->program[1].p_memsz = 8)
BREAK(note_offset, m->program[MADE_NOTE].p_offset = UINT64_MAX - 3)
BREAK(no_note, m->program[MADE_NOTE].p_type = PT_NULL)
BREAK(no_entry_note, m->entry_note.name[0] = 'h')
BREAK(entry_note_type, m->entry_note.head.n_type++)
BREAK(entry_version, m->entry_note.desc[0] = 5)
BREAK(note_size, m->entry_note.head.n_descsz = UINT32_MAX)
BREAK(note_name, m->entry_note.head.n_namesz = UINT32_MAX)
BREAK(interface_0, m->interface_note.desc[3] = 0)
BREAK(interface_4, m->interface_note.desc[3] = 4)
BREAK(interface_little_endian,
      (m->interface_note.desc[0] = 3, m->interface_note.desc[3] = 0))
BREAK(tls_outside, m->program[MADE_TLS].p_vaddr = 0x100000)
BREAK(tls_filesz, m->program[MADE_TLS].p_memsz = 8)
BREAK(tls_align, m->program[MADE_TLS].p_align = 3)

static const struct {
	void (*change)(struct made_image *);
	const char *message; /* part of it */
	size_t size;         /* of the file, 0: all */
} broken[] = {
	{nothing, "not an ELF file", 3},
	{nothing, "truncated", 63},
	{nothing, "program headers", 80},
	{nothing, "truncated: a segment", sizeof(struct made_image) - 1},
	{magic, "not an ELF file", 0},
	{gzip, "gzip", 0},
	{class32, "64-bit", 0},
	{big_endian, "little-endian", 0},
	{machine, "ELF machine 243", 0},
	{type, "ELF type 1", 0},
	{no_entry, "no entry point", 0},
	{wild_entry, "entry point 0x", 0},
	{phoff, "program headers", 0},
	{phalign, "program headers", 0},
	{phnum, "", 0},
	{phentsize, "program headers", 0},
	{no_load, "no segment to load", 0},
	{load_behind_file, "truncated", 0},
	{load_offset, "truncated", 0},
	{load_filesz, "truncated", 0},
	{load_vaddr, "overflows", 0},
	{load_overlap, "overlaps", 0},
	{load_order, "overlaps", 0},
	{load_memsz, "larger in the file", 0},
	{note_offset, "truncated", 0},
	{no_note, "no notes", 0},
	{no_entry_note, "no note with a Hermit entry version", 0},
	{entry_note_type, "no note with a Hermit entry version", 0},
	{entry_version, "entry version is 5", 0},
	{note_size, "no note with a Hermit entry version", 0},
	{note_name, "no note with a Hermit entry version", 0},
	{interface_0, "version 0 of the Uhyve interface", 0},
	{interface_4, "version 4 of the Uhyve interface", 0},
	{interface_little_endian, "version 50331648 of", 0},
	{tls_outside, "thread-local", 0},
	{tls_filesz, "thread-local", 0},
	{tls_align, "thread-local", 0},
};

static void refuses(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(broken) / sizeof(broken[0]); i++) {
		struct made_image made;
		struct why why = {.text = ""};
		image_make(&made);
		broken[i].change(&made);
		struct image image = image_of(
			&made, broken[i].size ? broken[i].size : sizeof(made));
		if (image_parse(&image, &why) == 0)
			fail_msg("case %zu was accepted", i);
		if (!strstr(why.text, broken[i].message))
			fail_msg("case %zu: %s", i, why.text);
		image_close(&image);
	}
}

/* Cut off at every length: never accepted, never read beyond its end. */
static void truncated_anywhere(void **state)
{
	struct made_image made;
	struct why why;
	(void)state;
	image_make(&made);
	for (size_t size = 0; size < sizeof(made); size++) {
		struct image image = image_of(&made, size);
		if (image_parse(&image, &why) == 0)
			fail_msg("accepted with %zu bytes", size);
		image_close(&image);
	}
}

/* ---- Loading ------------------------------------------------------------- */

#define LOAD (FAKE_START + 0x10000)

static int load(const struct made_image *made, struct gmem *ram,
		struct why *why)
{
	struct image image = image_of(made, sizeof(*made));
	*why = (struct why){.text = ""};
	assert_int_equal(image_parse(&image, why), 0);
	int result = image_load(&image, ram, LOAD, why);
	image_close(&image);
	return result;
}

static void loads_and_relocates(void **state)
{
	struct made_image made;
	struct why why;
	struct gmem ram = {calloc(1, FAKE_SIZE), FAKE_START, FAKE_SIZE};
	(void)state;
	image_make(&made);
	assert_int_equal(load(&made, &ram, &why), 0);
	const char *at = ram.host + (LOAD - FAKE_START);
	assert_memory_equal(at, &made, MADE_AT(data));
	uint64_t slots[8];
	memcpy(slots, at + MADE_AT(data), sizeof(slots));
	assert_int_equal(slots[0], LOAD + 0x123);
	assert_int_equal(slots[1], LOAD + MADE_AT(code) + 2);
	assert_int_equal(slots[2], LOAD + MADE_AT(code));
	assert_int_equal(slots[3], 0); /* weak and undefined: left alone */
	assert_int_equal(slots[4], made.data[4]);
	free(ram.host);
}

/* Values that a linker may write and that need nothing of the loader. */
static void odd_and_right(void **state)
{
	struct made_image made;
	struct why why;
	struct gmem ram = {calloc(1, FAKE_SIZE), FAKE_START, FAKE_SIZE};
	(void)state;
	image_make(&made);
	/* Relocations of other kinds, none of them. */
	made.dynamic[MADE_SPARE] = (Elf64_Dyn){DT_RELSZ, {0}};
	/* A symbol that is an address already. */
	made.symbols[1].st_shndx = SHN_ABS;
	made.symbols[1].st_value = 0x1234;
	assert_int_equal(load(&made, &ram, &why), 0);
	uint64_t slots[8];
	memcpy(slots, ram.host + (LOAD - FAKE_START) + MADE_AT(data),
	       sizeof(slots));
	assert_int_equal(slots[0], LOAD + 0x123);
	assert_int_equal(slots[1], 0x1234 + 2);
	assert_int_equal(slots[2], 0x1234);
	free(ram.host);
}

BREAK(small_segment, (m->program[1].p_memsz = m->program[1].p_filesz = 7,
		      m->program[MADE_TLS].p_type = PT_NULL))
BREAK(rela_outside, m->dynamic[MADE_RELA].d_un.d_ptr = UINT64_MAX - 7)
BREAK(rela_size, m->dynamic[MADE_RELASZ].d_un.d_val = UINT64_MAX)
BREAK(rela_odd_size, m->dynamic[MADE_RELASZ].d_un.d_val -= 1)
BREAK(rela_entry, m->dynamic[MADE_RELAENT].d_un.d_val = 16)
BREAK(slot_outside, m->rela[0].r_offset = sizeof(*m) + MADE_ZERO - 7)
BREAK(slot_wraps, m->rela[0].r_offset = UINT64_MAX - 3)
BREAK(rela_type, m->rela[1].r_info = ELF64_R_INFO(1, 999))
BREAK(symbol_index, m->rela[1].r_info |= (uint64_t)UINT32_MAX << 32)
BREAK(no_symbols, m->dynamic[MADE_SYMTAB].d_tag = DT_DEBUG)
BREAK(undefined, m->symbols[2].st_info = ELF64_ST_INFO(STB_GLOBAL, 0))
BREAK(needed, m->dynamic[MADE_SPARE].d_tag = DT_NEEDED)
BREAK(relr, m->dynamic[MADE_SPARE] = ((Elf64_Dyn){35, {8}}))
BREAK(rel, m->dynamic[MADE_SPARE] = ((Elf64_Dyn){DT_RELSZ, {16}}))
BREAK(plt, m->dynamic[MADE_SPARE] = ((Elf64_Dyn){DT_PLTRELSZ, {24}}))
BREAK(too_large, m->program[1].p_memsz = FAKE_SIZE)

static const struct {
	void (*change)(struct made_image *);
	const char *message;
} unloadable[] = {
	{small_segment, "outside the image"},
	{rela_outside, "relocation table"},
	{rela_size, "relocation table"},
	{rela_odd_size, "relocation table"},
	{rela_entry, "unknown size"},
	{slot_outside, "outside the image"},
	{slot_wraps, "outside the image"},
	{rela_type, "relocation type 999"},
	{symbol_index, "symbol 4294967295"},
	{no_symbols, "names symbol 1"},
	{undefined, "symbol weak is undefined"},
	{needed, "shared libraries"},
	{relr, "RELR"},
	{rel, "REL "},
	{plt, "PLT"},
	{too_large, "does not fit"},
};

static void refuses_to_load(void **state)
{
	struct gmem ram = {calloc(1, FAKE_SIZE), FAKE_START, FAKE_SIZE};
	(void)state;
	for (size_t i = 0; i < sizeof(unloadable) / sizeof(unloadable[0]);
	     i++) {
		struct made_image made;
		struct why why;
		image_make(&made);
		unloadable[i].change(&made);
		if (load(&made, &ram, &why) == 0)
			fail_msg("case %zu was loaded", i);
		if (!strstr(why.text, unloadable[i].message))
			fail_msg("case %zu: %s", i, why.text);
	}
	free(ram.host);
}

/* ---- A file that changes ----------------------------------------------------- */

/* Cut at every length, or overwritten, after it was found good. */
static void survives_a_change(void **state)
{
	struct gmem ram = {calloc(1, FAKE_SIZE), FAKE_START, FAKE_SIZE};
	struct made_image made;
	struct why why;
	char name[IMAGE_NAME_SIZE];
	uint64_t distance;
	(void)state;
	image_make(&made);
	for (size_t size = 0; size < sizeof(made); size++) {
		struct image image = image_of(&made, sizeof(made));
		assert_int_equal(image_parse(&image, &why), 0);
		assert_int_equal(ftruncate(image.fd, (off_t)size), 0);
		assert_int_equal(image_load(&image, &ram, LOAD, &why), -1);
		assert_non_null(strstr(why.text, "did the file change"));
		image_symbol(&image, MADE_AT(code), name, &distance);
		image_close(&image);
	}
	free(ram.host);
}

/* Names are shown on terminals. */
static void names_are_printable(void **state)
{
	struct made_image made;
	struct why why;
	char name[IMAGE_NAME_SIZE];
	uint64_t distance;
	(void)state;
	image_make(&made);
	memcpy(made.strings + 1, "\x1b[2m\xff", 5);
	struct image image = image_of(&made, sizeof(made));
	assert_int_equal(image_parse(&image, &why), 0);
	assert_true(image_symbol(&image, MADE_AT(code), name, &distance));
	assert_string_equal(name, "?[2m?");
	image_close(&image);
}

/*
 * 4,096 symbol tables of the same 16 MiB would be 2.8 billion symbols. What is
 * looked at is bounded, so that this takes milliseconds.
 */
static void symbols_are_bounded(void **state)
{
	const size_t sections = 4096, table = 16 << 20;
	const size_t symbols = sizeof(struct made_image) + 4096;
	struct made_image made;
	struct why why;
	char name[IMAGE_NAME_SIZE];
	uint64_t distance;
	struct timespec begin, end;
	(void)state;
	image_make(&made);
	made.header.e_shoff = symbols + table;
	made.header.e_shnum = (uint16_t)sections;
	struct image image = image_of(&made, sizeof(made));
	image.size = symbols + table + sections * sizeof(Elf64_Shdr);
	assert_int_equal(ftruncate(image.fd, (off_t)image.size), 0);
	Elf64_Shdr header = made.sections[1];
	header.sh_offset = symbols;
	header.sh_size = table;
	for (size_t i = 0; i < sections; i++)
		assert_int_equal(
			pwrite(image.fd, &header, sizeof(header),
			       (off_t)(symbols + table + i * sizeof(header))),
			sizeof(header));
	assert_int_equal(image_parse(&image, &why), 0);
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_false(image_symbol(&image, MADE_AT(code), name, &distance));
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec < 2);
	image_close(&image);
}

/* Sparse files and tables of program headers that are larger than they may be. */
static void tables_are_bounded(void **state)
{
	struct {
		struct made_image made;
		Elf64_Phdr program[IMAGE_MAX_SEGMENTS + 1];
	} many = {0};
	struct made_image made;
	struct why why;
	(void)state;
	image_make(&made);
	made.program[MADE_NOTE].p_offset = sizeof(made);
	made.program[MADE_NOTE].p_filesz = IMAGE_MAX_NOTES + 1;
	struct image image = image_of(&made, sizeof(made));
	image.size += IMAGE_MAX_NOTES + 1;
	assert_int_equal(ftruncate(image.fd, (off_t)image.size), 0);
	assert_int_equal(image_parse(&image, &why), -1);
	assert_non_null(strstr(why.text, "bytes of notes"));
	image_close(&image);

	image_make(&many.made);
	many.made.header.e_phoff = sizeof(many.made);
	many.made.header.e_phnum = IMAGE_MAX_SEGMENTS + 1;
	for (unsigned i = 0; i <= IMAGE_MAX_SEGMENTS; i++)
		many.program[i] = (Elf64_Phdr){
			.p_type = PT_LOAD, .p_vaddr = i * 16u, .p_memsz = 16};
	image = image_of(&many, sizeof(many));
	assert_int_equal(image_parse(&image, &why), -1);
	assert_non_null(strstr(why.text, "more than 32 segments"));
	image_close(&image);
}

/* Its file's end comes between two looks at it. */
static void notes_that_vanish(void **state)
{
	struct made_image made;
	struct why why;
	(void)state;
	image_make(&made);
	struct image image = image_of(&made, sizeof(made));
	/* The header and the program headers stay. */
	assert_int_equal(ftruncate(image.fd, MADE_AT(entry_note)), 0);
	assert_int_equal(image_parse(&image, &why), -1);
	assert_string_equal(why.text, "its notes cannot be read");
	assert_int_equal(ftruncate(image.fd, 1), 0);
	assert_int_equal(image_parse(&image, &why), -1);
	assert_string_equal(why.text, "cannot read it");
	image_close(&image);
}

/* What only a hostile table of sections or symbols has. */
static void odd_symbols(void **state)
{
	struct made_image made;
	struct why why;
	char name[IMAGE_NAME_SIZE];
	uint64_t distance;
	(void)state;
	for (unsigned odd = 0; odd < 4; odd++) {
		image_make(&made);
		if (odd == 0)
			made.header.e_shoff = UINT64_MAX - 63;
		else if (odd == 1)
			made.sections[2].sh_offset = UINT64_MAX;
		else if (odd == 2)
			made.symbols[1].st_shndx = SHN_ABS;
		else
			made.header.e_shentsize = 1;
		struct image image = image_of(&made, sizeof(made));
		assert_int_equal(image_parse(&image, &why), 0);
		assert_false(
			image_symbol(&image, MADE_AT(code), name, &distance));
		image_close(&image);
	}
}

static void files_that_are_none(void **state)
{
	struct image image;
	struct why why;
	(void)state;
	assert_int_equal(image_open(&image, "/dev/null", &why), -1);
	assert_string_equal(why.text, "it is not a regular file");
	assert_int_equal(image_open(&image, "/nowhere/at/all", &why), -1);
	assert_non_null(strstr(why.text, "cannot open it"));
	image_close(&image);
}

/* Every byte of the file with one bit flipped: any answer, no accident. */
static void survives_every_bit(void **state)
{
	struct gmem ram = {calloc(1, FAKE_SIZE), FAKE_START, FAKE_SIZE};
	struct made_image made;
	struct why why;
	(void)state;
	for (size_t bit = 0; bit < 8 * sizeof(made); bit++) {
		image_make(&made);
		((uint8_t *)&made)[bit / 8] ^= (uint8_t)(1 << bit % 8);
		struct image image = image_of(&made, sizeof(made));
		char name[IMAGE_NAME_SIZE];
		uint64_t distance;
		if (image_parse(&image, &why) == 0) {
			image_load(&image, &ram, LOAD, &why);
			image_symbol(&image, MADE_AT(code), name, &distance);
		}
		image_close(&image);
	}
	free(ram.host);
}

int image_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepts),
		cmocka_unit_test(interface_and_age),
		cmocka_unit_test(notes_of_8),
		cmocka_unit_test(fixed_addresses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(truncated_anywhere),
		cmocka_unit_test(loads_and_relocates),
		cmocka_unit_test(odd_and_right),
		cmocka_unit_test(refuses_to_load),
		cmocka_unit_test(survives_a_change),
		cmocka_unit_test(names_are_printable),
		cmocka_unit_test(symbols_are_bounded),
		cmocka_unit_test(tables_are_bounded),
		cmocka_unit_test(notes_that_vanish),
		cmocka_unit_test(odd_symbols),
		cmocka_unit_test(files_that_are_none),
		cmocka_unit_test(survives_every_bit),
	};
	return cmocka_run_group_tests_name("image", tests, NULL, NULL);
}
