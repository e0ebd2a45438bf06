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
	const char *desc;
	size_t desc_size;
};

/*@
  requires \valid_read(note);
  requires literal: valid_read_string(name);
  requires \valid_read(note->name + (0 .. note->name_size - 1));
  assigns \nothing;
  ensures \result ==> note->type == type && note->desc_size == desc_size;
*/
static bool is(const struct note *note, const char *name, uint32_t type,
	       size_t desc_size)
{
	return note->type == type && note->desc_size == desc_size &&
	       note->name_size == strlen(name) + 1 &&
	       memcmp(note->name, name, note->name_size) == 0;
}

/* Kernels before 0.10.0 expect memory up to a whole GiB to be mapped. */
/*@
  requires \valid_read(desc + (0 .. 15));
  assigns \nothing;
*/
static bool before_0_10(const char *desc)
{
	struct {
		uint32_t os, major, minor, patch;
	} abi;
	memcpy(&abi, desc, sizeof(abi));
	return abi.major == 0 && abi.minor < 10;
}

/*@
  requires \valid(image) && \valid_read(note) && \valid(entry_version) &&
    \valid(why) && \separated(image, note, entry_version, why);
  requires \valid_read(note->name + (0 .. note->name_size - 1));
  requires \valid_read(note->desc + (0 .. note->desc_size - 1));
  requires 1 <= image->interface <= UHYVE_INTERFACE_VERSION;
  assigns image->interface, image->whole_gigabytes, *entry_version, *why;
  ensures \result == 0 || \result == -1;
  ensures 1 <= image->interface <= UHYVE_INTERFACE_VERSION;
*/
static int take_note(struct image *image, const struct note *note,
		     int *entry_version, struct why *why)
{
	uint32_t version;
	if (is(note, UHYVE_NOTE_ENTRY_NAME, UHYVE_NOTE_ENTRY_TYPE, 1)) {
		*entry_version = (uint8_t)note->desc[0];
	} else if (is(note, UHYVE_NOTE_INTERFACE_NAME,
		      UHYVE_NOTE_INTERFACE_TYPE, 4)) {
		memcpy(&version, note->desc, sizeof(version));
		version = __builtin_bswap32(version);
		if (version < 1 || version > UHYVE_INTERFACE_VERSION)
			return refuse_for(
				why, REFUSED_INTERFACE,
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

/*@
  requires (align == 4 || align == 8) && size <= 0x300000000;
  assigns \nothing;
  ensures size <= \result < size + align;
*/
/* A size rounded up to the alignment of notes; 64 bits hold it. */
static uint64_t padded(uint64_t size, size_t align)
{
	return (size + align - 1) / align * align;
}

/*@
  requires \valid_read(notes + (0 .. size - 1)) && (align == 4 || align == 8);
  requires \valid(at) && \valid(note) && *at <= size <= IMAGE_MAX_NOTES;
  requires \separated(at, note);
  assigns *at, *note;
  ensures \old(*at) <= *at <= size;
  ensures \result ==> *at > \old(*at);
  ensures \result ==> \valid_read(note->name + (0 .. note->name_size - 1));
  ensures \result ==> \valid_read(note->desc + (0 .. note->desc_size - 1));
*/
/*
 * The note at *at, which moves to the next one; false when what is left is none
 * (its sizes are 32 bits wide, so that their sums cannot wrap around).
 */
static bool next_note(const char *notes, size_t size, size_t align, size_t *at,
		      struct note *note)
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
	//@ assert name + header.n_namesz <= desc;
	//@ assert *at + desc + header.n_descsz <= size;
	note->name = notes + *at + name;
	note->name_size = header.n_namesz;
	note->type = header.n_type;
	note->desc = notes + *at + desc;
	note->desc_size = header.n_descsz;
	//@ assert \valid_read(note->name + (0 .. note->name_size - 1));
	//@ assert \valid_read(note->desc + (0 .. note->desc_size - 1));
	end = padded(end, align);
	*at += end < left ? end : left;
	return true;
}

/* UHY-BOOT-017, 018; others are ignored (UHY-BOOT-005). */
int image_read_notes(struct image *image, const char *notes, size_t size,
		     size_t align, struct why *why)
{
	int entry_version = -1;
	size_t at = 0;
	struct note note;
	image->interface = 1;
	image->whole_gigabytes = true;
	/*@
	  loop invariant 0 <= at <= size;
	  loop invariant 1 <= image->interface <= UHYVE_INTERFACE_VERSION;
	  loop assigns at, note, entry_version, *why, image->interface,
	    image->whole_gigabytes;
	  loop variant size - at;
	*/
	while (next_note(notes, size, align, &at, &note))
		if (take_note(image, &note, &entry_version, why))
			return -1;
	if (entry_version < 0)
		return refuse_for(why, REFUSED_NO_ENTRY_NOTE,
				  "it has no note with a Hermit entry version");
	if (entry_version != UHYVE_NOTE_ENTRY_VERSION)
		return refuse_for(why, REFUSED_ENTRY_VERSION,
				  "its Hermit entry version is %d; only %d is "
				  "supported",
				  entry_version, UHYVE_NOTE_ENTRY_VERSION);
	return 0;
}
