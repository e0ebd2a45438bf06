/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A guest image: an ELF file with the notes of the boot contract. Everything
 * in the file is untrusted; what passes image_parse() may be relied upon.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <libelf.h>

#include "gmem.h"
#include "message.h"

#define IMAGE_MAX_SEGMENTS 32

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
	const uint8_t *bytes; /* the file */
	size_t size;
	Elf *elf;
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
 * Maps the file. Refused when it cannot be read; then there is nothing to do.
 */
int image_map(struct image *image, const char *path, struct why *why);

/*
 * Checks everything about bytes and size that the boot contract asks for and
 * fills the rest of image. Refused images leave nothing behind.
 */
int image_parse(struct image *image, struct why *why);

/*
 * Copies the segments to guest memory at their address plus load and applies
 * the relocations. The range [start, end) plus load must be valid.
 */
int image_load(const struct image *image, const struct gmem *ram, uint64_t load,
	       struct why *why);

/* image_load's last step: 0 for images without relocations. */
int image_relocate(const struct image *image, const struct gmem *ram,
		   uint64_t load, struct why *why);

/* Reads the notes: interface, whole_gigabytes. */
int image_read_notes(struct image *image, const struct segment *notes,
		     struct why *why);

/*
 * The len bytes of the file that are at this linked address, or NULL when they
 * do not lie in the file's part of one segment.
 */
const uint8_t *image_at(const struct image *image, uint64_t vaddr,
			uint64_t len);

/*
 * The name of the function around a linked address and the distance from its
 * beginning; NULL when the image does not say.
 */
const char *image_symbol(const struct image *image, uint64_t vaddr,
			 uint64_t *distance);

#endif
