/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A guest image: an ELF file with the notes of the boot contract. Everything
 * in the file is untrusted, and it can change at any moment: it may lie below a
 * mapping. What is needed of it is therefore copied once and checked afterwards,
 * never mapped and never read a second time. What passes image_parse() may be
 * relied upon.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <uhyve_interface/boot.h>

#include "gmem.h"
#include "message.h"

/*
 * What an image can make this program spend beyond guest RAM (SECURITY.md):
 * program headers and bytes of notes while it is loaded; section headers and
 * symbols that are looked at for a diagnosis, in a buffer of a fixed size.
 */
#define IMAGE_MAX_SEGMENTS 32
#define IMAGE_MAX_HEADERS 256
#define IMAGE_MAX_NOTES (64 * 1024)
#define IMAGE_MAX_SECTIONS 4096
#define IMAGE_MAX_SYMBOLS (1024 * 1024)
/* Bytes of a symbol's name with its NUL; longer ones are cut. */
#define IMAGE_NAME_SIZE 81

/* Why an image is refused, where a requirement says so (struct why). */
enum refusal {
	REFUSED_NOT_ELF = 1,
	REFUSED_TRUNCATED,
	REFUSED_CLASS,
	REFUSED_BYTE_ORDER,
	REFUSED_MACHINE,
	REFUSED_TYPE,
	REFUSED_HEADERS,
	REFUSED_LONG_SEGMENT,
	REFUSED_OVERLAP,
	REFUSED_NO_NOTES,
	REFUSED_ENTRY_POINT,
	REFUSED_INTERFACE,
	REFUSED_NO_ENTRY_NOTE,
	REFUSED_ENTRY_VERSION,
	REFUSED_RELOCATION_TABLE,
	REFUSED_RELOCATION,
	REFUSED_TOO_MUCH_MEMORY,
	REFUSED_TOO_LOW,
	REFUSED_TOO_LARGE,
};

/* A part of the file that becomes memory. Addresses as linked. */
struct segment {
	uint64_t vaddr;
	uint64_t memsz;  /* bytes in memory, the rest after filesz is zero */
	uint64_t offset; /* in the file */
	uint64_t filesz;
	uint64_t align;
	bool writable;
};

struct image {
	int fd;              /* of the file, for reading */
	uint64_t size;       /* of the file, when it was opened */
	bool relocatable;    /* ET_DYN: linked at 0, loaded anywhere */
	uint64_t entry;      /* as linked */
	uint64_t start, end; /* as linked; start is 0 when relocatable */
	struct segment segments[IMAGE_MAX_SEGMENTS]; /* PT_LOAD, ascending */
	unsigned segment_count;
	struct segment dynamic; /* PT_DYNAMIC, memsz 0: none */
	struct segment tls;     /* PT_TLS, memsz 0: none */
	unsigned interface;     /* 1 to 3 */
	bool whole_gigabytes;   /* kernels before 0.10: wants more mapped */
};

/*
 * Comments that begin with an at sign are contracts, which `make prove` checks
 * for all inputs (proof/README.md); their integers are unbounded.
 */
/*@
  predicate segments_fit(struct image *image) =
    image->segment_count <= IMAGE_MAX_SEGMENTS;

  // Its bytes lie in the file as it was when it was opened, its memory ends in
  // the address space.
  predicate segment_is_sound(struct segment *s, integer size) =
    s->offset + s->filesz <= size && s->filesz <= s->memsz &&
    s->vaddr + s->memsz <= 0xffffffffffffffff;

  // What image_parse() gives: all of them end at image->end or below it.
  predicate segments_are_sound(struct image *image) =
    segments_fit(image) &&
    \forall integer i; 0 <= i < image->segment_count ==>
      segment_is_sound(&image->segments[i], image->size) &&
      image->segments[i].vaddr + image->segments[i].memsz <= image->end;

  predicate entry_is_in_a_segment(struct image *image) =
    \exists integer i; 0 <= i < image->segment_count &&
      image->segments[i].vaddr <= image->entry <
        image->segments[i].vaddr + image->segments[i].memsz;

  // The range of linked addresses lies in the file's part of one segment.
  predicate file_has(struct image *image, integer vaddr, integer len) =
    \exists integer i; 0 <= i < image->segment_count &&
      image->segments[i].vaddr <= vaddr &&
      vaddr + len <= image->segments[i].vaddr + image->segments[i].filesz;
*/

/*@
  requires \valid(image) && valid_read_string(path) && \valid(why);
  requires \separated(image, why) && \separated(image, path + (0 ..));
  assigns *image, *why, errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> image->fd >= 0 && image->size > 0;
  ensures \result != 0 ==> image->fd == -1;
*/
/* Opens the file. Refused when it cannot be read; then nothing is open. */
int image_open(struct image *image, const char *path, struct why *why);
/*@
  requires \valid(image);
  assigns image->fd, errno;
  ensures image->fd == -1;
*/
void image_close(struct image *image);

/*@
  requires \valid_read(image) && \valid((uint8_t *)to + (0 .. len - 1));
  requires \separated(image, (uint8_t *)to + (0 .. len - 1));
  assigns ((uint8_t *)to)[0 .. len - 1], errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> offset + len <= image->size;
*/
/*
 * The one way to the file's bytes: copies len of them at offset. 0, or -1 when
 * the file does not have them, or has them no longer.
 */
int image_read(const struct image *image, uint64_t offset, void *to,
	       uint64_t len);

/*@
  requires \valid(image) && \valid(why) && \separated(image, why);
  requires image->segment_count == 0;
  assigns *image, *why, errno;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> segments_are_sound(image);
  ensures \result == 0 ==> entry_is_in_a_segment(image);
  ensures \result == 0 ==> 0 < image->segment_count &&
    1 <= image->interface <= UHYVE_INTERFACE_VERSION;
*/
/*
 * Checks everything about the file that the boot contract asks for and fills
 * the rest of image.
 */
int image_parse(struct image *image, struct why *why);

/*@
  requires \valid_read(image) && segments_are_sound(image);
  requires \valid_read(ram) && ram_is_host_memory(ram) && \valid(why);
  requires \separated(
    image, ram, why, ram->host + (0 .. ram->size - 1));
  assigns ram->host[0 .. ram->size - 1], *why, errno;
  ensures \result == 0 || \result == -1;
*/
/*
 * Copies the segments to guest memory at their address plus load and applies
 * the relocations. The range [start, end) plus load must be valid.
 */
int image_load(const struct image *image, const struct gmem *ram, uint64_t load,
	       struct why *why);

/*@
  requires \valid_read(image) && segments_fit(image);
  requires \valid_read(ram) && ram_is_host_memory(ram) && \valid(why);
  requires \separated(
    image, ram, why, ram->host + (0 .. ram->size - 1));
  assigns ram->host[0 .. ram->size - 1], *why;
  ensures \result == 0 || \result == -1;
*/
/*
 * image_load's last step: 0 for images without relocations. The tables are
 * those in guest memory, where no one can change them yet.
 */
int image_relocate(const struct image *image, const struct gmem *ram,
		   uint64_t load, struct why *why);

/*@
  requires \valid(image) && \valid(why) && \separated(image, why);
  requires \valid_read(notes + (0 .. size - 1)) && (align == 4 || align == 8);
  requires size <= IMAGE_MAX_NOTES;
  requires \separated(notes + (0 .. size - 1), image, why);
  assigns image->interface, image->whole_gigabytes, *why;
  ensures \result == 0 || \result == -1;
  ensures \result == 0 ==> 1 <= image->interface <= UHYVE_INTERFACE_VERSION;
*/
/* Reads size bytes of notes: interface, whole_gigabytes. */
int image_read_notes(struct image *image, const char *notes, size_t size,
		     size_t align, struct why *why);

/*@
  requires \valid_read(image) && segments_fit(image);
  assigns \nothing;
  ensures \result <==> file_has(image, vaddr, len);
*/
/*
 * True if the len bytes at this linked address lie in the file's part of one
 * segment.
 */
bool image_has(const struct image *image, uint64_t vaddr, uint64_t len);

/*@
  requires \valid_read(image) && \valid(name + (0 .. IMAGE_NAME_SIZE - 1));
  requires \valid(distance);
  requires \separated(image, name + (0 .. IMAGE_NAME_SIZE - 1), distance);
  assigns name[0 .. IMAGE_NAME_SIZE - 1], *distance, errno;
  ensures \result ==> valid_read_string(name) &&
    0 < strlen(name) < IMAGE_NAME_SIZE;
  ensures \result ==> *distance <= vaddr;
*/
/*
 * The name of the function around a linked address, in printable ASCII, and the
 * distance from its beginning; false when the image does not say. The file may
 * have changed since it was checked: a wrong name is all that can come of it.
 */
bool image_symbol(const struct image *image, uint64_t vaddr,
		  char name[IMAGE_NAME_SIZE], uint64_t *distance);

/*@
  requires valid_string(text) && strlen(text) < 0x7fffffff;
  assigns text[0 .. strlen(text)];
  ensures text[\old(strlen(text))] == 0;
  ensures \forall integer i; 0 <= i < \old(strlen(text)) ==>
    0x20 <= text[i] <= 0x7e;
*/
/* Replaces what is not printable ASCII by '?', for messages. */
void image_printable(char *text);

#endif
