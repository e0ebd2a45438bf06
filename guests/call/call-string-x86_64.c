/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "string output to a call's number",
	arch = ["x86_64"],
	variants = ["outsb", "outsl"]
)

void guest_main(void)
{
	static uint32_t data[4] = {1, 2, 3, 4};
	static struct uhyve_close_params block = {4711, UNANSWERED};
	const void *from = data;
	uint64_t count = 4;
	TEST("UHY-CALL-060", "four elements to FileClose") {
		test_may_end();
		if (guest_variant() == 0)
			__asm__ volatile("rep outsb"
					 : "+S"(from), "+c"(count)
					 : "d"(UHYVE_FILE_CLOSE), "D"(&block)
					 : "memory");
		else
			__asm__ volatile("rep outsl"
					 : "+S"(from), "+c"(count)
					 : "d"(UHYVE_FILE_CLOSE), "D"(&block)
					 : "memory");
		test_went_on();
		expect_one_of(block.ret, UNANSWERED, -UHYVE_EBADF);
	}
}
