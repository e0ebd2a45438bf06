/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a narrow store makes no call",
	arch = ["riscv64"]
)

static struct uhyve_close_params block;

#define STORE(instruction)                                                     \
	do {                                                                   \
		register uint64_t a0 __asm__("a0") =                           \
			(uint64_t)(uintptr_t)&block;                           \
		block = (struct uhyve_close_params){4711, UNANSWERED};         \
		__asm__ volatile(instruction " %0, 0(%1)"                      \
				 :                                             \
				 : "r"(a0), "r"((uint64_t)UHYVE_FILE_CLOSE)    \
				 : "memory");                                  \
		expect_eq(block.ret, UNANSWERED);                              \
	} while (0)

void guest_main(void)
{
	TEST("UHY-CALL-012", "stores of 8, 16 and 32 bits") {
		STORE("sb");
		STORE("sh");
		STORE("sw");
	}
}
