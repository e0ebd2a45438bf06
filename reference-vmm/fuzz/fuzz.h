/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fuzz targets: each takes any bytes and aborts when the VMM broke a promise.
 * libFuzzer calls them through entry.c; the unit tests replay the corpus.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int fuzz_calls(const uint8_t *bytes, size_t size);
int fuzz_image(const uint8_t *bytes, size_t size);
int fuzz_devicetree(const uint8_t *bytes, size_t size);
int fuzz_bootargs(const uint8_t *bytes, size_t size);
int fuzz_crash(const uint8_t *bytes, size_t size);
int fuzz_change(const uint8_t *bytes, size_t size);

#define PROMISE(held)                                                          \
	do {                                                                   \
		if (!(held)) {                                                 \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__,       \
				__LINE__, #held);                              \
			abort();                                               \
		}                                                              \
	} while (0)

/* The bytes from front to back; zeroes beyond the end. */
struct input {
	const uint8_t *at;
	size_t left;
};

static inline uint64_t input_take(struct input *input, size_t size)
{
	uint64_t value = 0;
	size_t n = input->left < size ? input->left : size;

	memcpy(&value, input->at, n);
	input->at += n;
	input->left -= n;
	return value;
}

/* An anonymous file of these bytes; close(2) removes it. */
int fuzz_file(const uint8_t *bytes, size_t size);

struct image;
struct why;

/* Loads the image to memory of its own, of that many bytes; why says what was refused. */
void fuzz_load(const struct image *image, uint64_t memory, struct why *why);

/* size bytes of memory between two inaccessible pages. */
uint8_t *guarded_alloc(size_t size);
void guarded_free(uint8_t *memory, size_t size);

#endif
