/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a triple fault",
	arch = ["x86_64"],
	tap = false,
	stdout = { text = "{response}\nand then crashes", id = "UHY-EXIT-033" },
	status = { nonzero = true, id = "UHY-EXIT-030" }
)

void guest_main(void)
{
	static const struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} no_gates = {0, 0};
	say("%x", guest_response());
	console_write("and then crashes", 16);
	__asm__ volatile("lidt %0; ud2" : : "m"(no_gates));
}
