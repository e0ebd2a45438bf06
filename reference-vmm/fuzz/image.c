/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any bytes as an image: refused with one line, or placed and loaded to memory
 * without touching a byte outside.
 */
#include "fuzz.h"
#include "image.h"

#define MEMORY (UINT64_C(16) << 20)

/* A name is short and printable, whatever is in the file. */
static void symbol(const struct image *image, uint64_t at)
{
	char name[IMAGE_NAME_SIZE];
	uint64_t distance;

	if (!image_symbol(image, at, name, &distance))
		return;
	PROMISE(distance <= at && memchr(name, '\0', sizeof(name)));
	for (const char *c = name; *c; c++)
		PROMISE(*c >= 0x20 && *c <= 0x7e);
}

int fuzz_image(const uint8_t *bytes, size_t size)
{
	struct why why = {.text = ""};
	struct image image = {.fd = fuzz_file(bytes, size), .size = size};

	if (image_parse(&image, &why) == 0) {
		for (uint64_t at = 0; at < 0x1000; at += 0x101)
			symbol(&image, at);
		symbol(&image, image.entry);
		fuzz_load(&image, MEMORY, &why);
	} else {
		PROMISE(why.text[0] && !strchr(why.text, '\n'));
	}
	image_close(&image);
	return 0;
}
