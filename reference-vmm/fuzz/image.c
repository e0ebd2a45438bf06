/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any bytes as an image: refused with one line, or placed and loaded to memory
 * without touching a byte outside.
 */
#include "boot.h"
#include "fuzz.h"
#include "image.h"

#define MEMORY (UINT64_C(16) << 20)

static void load(const struct image *image, struct why *why)
{
	const struct boot_facts facts = {.bootargs = "", .cpus = 1};
	struct boot boot;
	uint8_t *ram;

	if (boot_place(&boot, image, MEMORY, false, why)) {
		PROMISE(why->text[0]);
		return;
	}
	PROMISE(boot.ram_size == MEMORY);
	PROMISE(boot.image_start >= boot.ram_start);
	PROMISE(boot.image_end <= boot.ram_start + boot.ram_size);
	ram = guarded_alloc(MEMORY);
	if (boot_write(
		    &boot, image,
		    &(struct gmem){(char *)ram, boot.ram_start, boot.ram_size},
		    &facts, why))
		PROMISE(why->text[0]);
	guarded_free(ram, MEMORY);
}

int fuzz_image(const uint8_t *bytes, size_t size)
{
	struct why why = {""};
	struct image image = {.size = size};
	uint8_t *copy = malloc(size ? size : 1);
	uint64_t distance;

	PROMISE(copy);
	memcpy(copy, bytes, size);
	image.bytes = copy;
	if (image_parse(&image, &why) == 0) {
		for (uint64_t at = 0; at < 0x1000; at += 0x101)
			image_symbol(&image, at, &distance);
		image_symbol(&image, image.entry, &distance);
		load(&image, &why);
		elf_end(image.elf);
	} else {
		PROMISE(why.text[0] && !strchr(why.text, '\n'));
	}
	free(copy);
	return 0;
}
