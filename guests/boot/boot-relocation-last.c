/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

/*
 * The first relocation is the only one in the first segment; the edit lets it
 * change the last 8 bytes of the image, or a last segment that has no others.
 */
GUEST(
	summary = "a relocation of the last word of the image",
	variants = {
		"of-a-segment" = { image = ["relocation-last"] },
		"alone" = { image = ["segment-bss=8", "relocation-last"] }
	}
)

static const char text[] = "a constant";
static const char *const volatile pointer
	__attribute__((used, section(".guest.first"))) = text;

void guest_main(void)
{
	TEST("UHY-BOOT-036", "the last word of the last segment") {
		const char *word;
		memcpy(&word, (char *)(uintptr_t)(boot_info->image_end - 8), 8);
		expect(word == text);
	}
}
