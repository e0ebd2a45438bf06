/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "an 8-bit OUT makes the call",
	arch = ["x86_64"]
)

void guest_main(void)
{
	TEST("UHY-CALL-006", "FileClose by an 8-bit OUT") {
		static struct uhyve_close_params block;
		block = (struct uhyve_close_params){4711, UNANSWERED};
		__asm__ volatile("outb %%al, %%dx"
				 :
				 : "a"(0), "d"(UHYVE_FILE_CLOSE), "D"(&block)
				 : "memory");
		expect_eq(block.ret, -UHYVE_EBADF);
	}
}
