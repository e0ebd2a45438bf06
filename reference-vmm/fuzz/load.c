/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An image that was parsed: placed and loaded, or refused with one line. */
#include "boot.h"
#include "fuzz.h"

void fuzz_load(const struct image *image, uint64_t memory, struct why *why)
{
	const struct boot_facts facts = {.bootargs = "", .cpus = 1};
	struct boot boot;

	if (boot_place(&boot, image, memory, false, why)) {
		PROMISE(why->text[0]);
		return;
	}
	PROMISE(boot.ram_size == memory);
	PROMISE(boot.image_start >= boot.ram_start);
	PROMISE(boot.image_end <= boot.ram_start + boot.ram_size);
	uint8_t *ram = guarded_alloc(memory);
	if (boot_write(
		    &boot, image,
		    &(struct gmem){(char *)ram, boot.ram_start, boot.ram_size},
		    &facts, why))
		PROMISE(why->text[0] && !strchr(why->text, '\n'));
	guarded_free(ram, memory);
}
