/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "stores to a call's number that the hardware does not describe",
	arch = ["aarch64"],
	variants = ["pair", "write-back"]
)

void guest_main(void)
{
	static struct uhyve_close_params block = {4711, UNANSWERED};
	uint64_t to = UHYVE_FILE_CLOSE;
	register uint64_t x8 __asm__("x8");
	TEST("UHY-CALL-061", "a store to FileClose") {
		test_may_end();
		x8 = (uint64_t)(uintptr_t)&block;
		if (guest_variant() == 0)
			__asm__ volatile("stp %1, xzr, [%0]"
					 :
					 : "r"(to), "r"(x8)
					 : "memory");
		else
			__asm__ volatile("str %1, [%0], #8"
					 : "+r"(to)
					 : "r"(x8)
					 : "memory");
		test_went_on();
		expect_one_of(block.ret, UNANSWERED, -UHYVE_EBADF);
	}
}
