/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

/*
 * Without relocations nearly every guest loses its way; so this one is looked at
 * first, and prints the response by means that need none.
 */
GUEST(
	summary = "a position-independent image is relocated",
	foundation = true,
	tap = false,
	stdout = { text = "{response}\nrelocated\n", id = "UHY-BOOT-036" }
)

static const char *const volatile pointers[] = {"relo", "cated\n"};

void guest_main(void)
{
	say("%x", guest_response());
	for (unsigned i = 0; i < 2; i++)
		console_write(pointers[i], strlen(pointers[i]));
	uhyve_exit(0);
}
