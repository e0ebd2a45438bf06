/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reads an image's notes, in its first PT_NOTE segment. */
#include "image.h"

#include <elf.h>
#include <inttypes.h>
#include <string.h>
#include <uhyve_interface/boot.h>

/* A note as found in the file. */
struct note {
	const char *name;
	size_t name_size; /* with its NUL */
	uint32_t type;
	const uint8_t *desc;
	size_t desc_size;
};

static bool is(const struct note *note, const char *name, uint32_t type,
	       size_t desc_size)
{
	return note->type == type && note->desc_size == desc_size &&
	       note->name_size == strlen(name) + 1 &&
	       memcmp(note->name, name, note->name_size) == 0;
}

/* Kernels before 0.10.0 expect memory up to a whole GiB to be mapped. */
static bool before_0_10(const uint8_t *desc)
{
	uint32_t word[4];
	memcpy(word, desc, sizeof(word));
	return word[1] == 0 && word[2] < 10;
}

static int take_note(struct image *image, const struct note *note,
		     int *entry_version, struct why *why)
{
	uint32_t version;
	if (is(note, UHYVE_NOTE_ENTRY_NAME, UHYVE_NOTE_ENTRY_TYPE, 1)) {
		*entry_version = note->desc[0];
	} else if (is(note, UHYVE_NOTE_INTERFACE_NAME,
		      UHYVE_NOTE_INTERFACE_TYPE, 4)) {
		memcpy(&version, note->desc, sizeof(version));
		version = __builtin_bswap32(version);
		if (version < 1 || version > UHYVE_INTERFACE_VERSION)
			return refuse(why,
				      "it uses version %" PRIu32
				      " of the Uhyve interface; 1 to %d are "
				      "supported",
				      version, UHYVE_INTERFACE_VERSION);
		image->interface = version;
	} else if (is(note, UHYVE_NOTE_ABI_NAME, UHYVE_NOTE_ABI_TYPE, 16)) {
		uint32_t os;
		memcpy(&os, note->desc, sizeof(os));
		if (os == UHYVE_NOTE_ABI_OS_HERMIT)
			image->whole_gigabytes = before_0_10(note->desc);
	}
	return 0;
}

/* A size rounded up to the alignment of notes; 64 bits hold it. */
static uint64_t padded(uint64_t size, size_t align)
{
	return (size + align - 1) / align * align;
}

/*
 * The note at *at, which moves to the next one; false when what is left is none
 * (its sizes are 32 bits wide, so that their sums cannot wrap around).
 */
static bool next_note(const uint8_t *notes, size_t size, size_t align,
		      size_t *at, struct note *note)
{
	Elf64_Nhdr header;
	uint64_t left = size - *at;
	if (left < sizeof(header))
		return false;
	memcpy(&header, notes + *at, sizeof(header));
	uint64_t name = sizeof(header);
	uint64_t desc = padded(name + header.n_namesz, align);
	uint64_t end = desc + header.n_descsz;
	if (end > left)
		return false;
	*note = (struct note){.name = (const char *)notes + *at + name,
			      .name_size = header.n_namesz,
			      .type = header.n_type,
			      .desc = notes + *at + desc,
			      .desc_size = header.n_descsz};
	end = padded(end, align);
	*at += end < left ? end : left;
	return true;
}

/* UHY-BOOT-017, 018; others are ignored (UHY-BOOT-005). */
int image_read_notes(struct image *image, const uint8_t *notes, size_t size,
		     size_t align, struct why *why)
{
	int entry_version = -1;
	size_t at = 0;
	struct note note;
	image->interface = 1;
	image->whole_gigabytes = true;
	while (next_note(notes, size, align, &at, &note))
		if (take_note(image, &note, &entry_version, why))
			return -1;
	if (entry_version < 0)
		return refuse(why,
			      "it has no note with a Hermit entry version");
	if (entry_version != UHYVE_NOTE_ENTRY_VERSION)
		return refuse(why,
			      "its Hermit entry version is %d; only %d is "
			      "supported",
			      entry_version, UHYVE_NOTE_ENTRY_VERSION);
	return 0;
}
