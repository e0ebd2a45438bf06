/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

/* The first relocation is the only one in the first segment; the edit makes it one of type NONE. */
GUEST(
	summary = "a relocation of type NONE",
	image = ["relocation-type=0"]
)

static const char text[] = "a constant";
static const char *const volatile pointer
	__attribute__((section(".guest.first"))) = text;

void guest_main(void)
{
	TEST("UHY-BOOT-186", "its slot is not written") {
		expect(pointer != text);
	}
}
