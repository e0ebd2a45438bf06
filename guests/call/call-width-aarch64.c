/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a narrow store makes no call",
	arch = ["aarch64"]
)

static struct uhyve_close_params block;

#define STORE(instruction, operand)                                            \
	do {                                                                   \
		register uint64_t x8 __asm__("x8") =                           \
			(uint64_t)(uintptr_t)&block;                           \
		block = (struct uhyve_close_params){4711, UNANSWERED};         \
		__asm__ volatile(instruction " " operand ", [%1]"              \
				 :                                             \
				 : "r"(x8), "r"((uint64_t)UHYVE_FILE_CLOSE)    \
				 : "memory");                                  \
		expect_eq(block.ret, UNANSWERED);                              \
	} while (0)

void guest_main(void)
{
	TEST("UHY-CALL-011", "stores of 8, 16 and 32 bits") {
		STORE("strb", "%w0");
		STORE("strh", "%w0");
		STORE("str", "%w0");
	}
}
