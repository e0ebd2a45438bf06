/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

GUEST(
	summary = "RDI has no meaning in calls of version 1",
	needs = ["interface-1"],
	arch = ["x86_64"],
	variants = ["another-block", "all-ones"]
)

void guest_main(void)
{
	static struct uhyve_close_params block, other;
	const uint64_t values[] = {uhyve_gpa_of(&other).addr, UINT64_MAX};
	block = other = (struct uhyve_close_params){4711, UNANSWERED};
	TEST("UHY-V1-020", "the block is the one in EAX") {
		__asm__ volatile("outl %%eax, %%dx"
				 :
				 : "d"(UHYVE_V1_FILE_CLOSE),
				   "a"((uint32_t)uhyve_gpa_of(&block).addr),
				   "D"(FOR_VARIANT(values))
				 : "memory");
		expect_eq(block.ret, -UHYVE_EBADF);
		expect_eq(other.ret, UNANSWERED);
	}
}
