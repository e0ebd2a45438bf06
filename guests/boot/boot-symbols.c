/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Linked as a shared object, so that its own symbols stay symbols. */
#include "test.h"

GUEST(
	summary = "relocations that name a symbol"
)

#define SHOWN __attribute__((visibility("default")))

SHOWN uint64_t boot_symbol = 0x1122334455667788;
/* The same place under a name that needs no relocation. */
extern uint64_t boot_symbol_itself
	__attribute__((alias("boot_symbol"), visibility("hidden")));

/* ABS64, with an addend and without one. */
static uint64_t *volatile pointer = &boot_symbol;
static uint8_t *volatile inside = (uint8_t *)&boot_symbol + 5;

void guest_main(void)
{
	TEST("UHY-BOOT-037", "ABS64 and GLOB_DAT") {
		expect(pointer == &boot_symbol_itself);
		expect(inside == (uint8_t *)&boot_symbol_itself + 5);
		/* By way of the global offset table. */
		expect(&boot_symbol == &boot_symbol_itself);
		expect_eq(*pointer, 0x1122334455667788);
	}
}
