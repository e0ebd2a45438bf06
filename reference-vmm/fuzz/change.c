/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * An image that changes between any two reads of it: refused with one line, or
 * loaded to memory without touching a byte outside. The input is a list of
 * changes, then the file: a count, and for each one 1 byte (how many reads come
 * first), 2 (where), 1 (how many bytes; 255: the file ends there), 8 (which).
 */
#include <unistd.h>

#include "fuzz.h"
#include "image.h"

#define MEMORY (UINT64_C(4) << 20)

/* The changes that are still to come; of one thread, as images are read by one. */
static struct input changes;
static unsigned changes_left;
static uint8_t reads_left; /* before the next one */

/* Linked as pread(2) of the VMM's objects (vmm_tests.mk). */
ssize_t __real_pread(int fd, void *to, size_t size, off_t offset);
ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset);

static void change(int fd)
{
	off_t offset = (off_t)input_take(&changes, 2);
	size_t size = input_take(&changes, 1);
	uint64_t value = input_take(&changes, 8);

	if (size == 255)
		PROMISE(ftruncate(fd, offset) == 0);
	else
		PROMISE(pwrite(fd, &value, size % 9, offset) ==
			(ssize_t)(size % 9));
	changes_left--;
	if (changes_left)
		reads_left = (uint8_t)input_take(&changes, 1);
}

ssize_t __wrap_pread(int fd, void *to, size_t size, off_t offset)
{
	while (changes_left && reads_left == 0)
		change(fd);
	if (changes_left)
		reads_left--;
	/* In two parts, so that a change comes in between. */
	if (changes_left && size > 1)
		size = (size + 1) / 2;
	return __real_pread(fd, to, size, offset);
}

int fuzz_change(const uint8_t *bytes, size_t size)
{
	struct input input = {bytes, size};
	struct why why = {.text = ""};
	char name[IMAGE_NAME_SIZE];
	uint64_t distance;

	changes_left = (unsigned)input_take(&input, 1) % 16;
	changes = input;
	reads_left = (uint8_t)input_take(&changes, 1);
	for (unsigned i = 0; i < changes_left * 12; i++)
		input_take(&input, 1);
	struct image image = {.fd = fuzz_file(input.at, input.left),
			      .size = input.left};
	if (image_parse(&image, &why) == 0) {
		fuzz_load(&image, MEMORY, &why);
		image_symbol(&image, image.entry, name, &distance);
	} else {
		PROMISE(why.text[0] && !strchr(why.text, '\n'));
	}
	changes_left = 0;
	image_close(&image);
	return 0;
}
