/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"
#include "registers.h"

GUEST(
	summary = "RAX and the upper bits of RDX have no meaning",
	arch = ["x86_64"]
)

static struct uhyve_close_params block, other;

static void close_with(uint64_t rax, uint64_t rdx)
{
	block = other = (struct uhyve_close_params){4711, UNANSWERED};
	__asm__ volatile("outl %%eax, %%dx"
			 :
			 : "a"(rax), "d"(rdx), "D"(&block)
			 : "memory");
	expect_eq(block.ret, -UHYVE_EBADF);
	expect_eq(other.ret, UNANSWERED);
}

void guest_main(void)
{
	TEST("UHY-CALL-004", "RAX holds anything, even another block") {
		const uint64_t values[] = {0,
					   1,
					   0x1110,
					   UINT32_MAX,
					   UINT64_MAX,
					   1ull << 52,
					   (uint64_t)(uintptr_t)&other};
		for (unsigned i = 0; i < sizeof(values) / sizeof(*values); i++)
			close_with(values[i], UHYVE_FILE_CLOSE);
	}
	TEST("UHY-CALL-005", "bits above DX hold anything") {
		const uint64_t values[] = {0x10000, 0xffff0000, 1ull << 32,
					   1ull << 63, 0xffffffffffff0000};
		for (unsigned i = 0; i < sizeof(values) / sizeof(*values); i++)
			close_with(0, values[i] | UHYVE_FILE_CLOSE);
	}
}
