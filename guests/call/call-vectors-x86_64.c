/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "calls preserve floating-point and vector registers",
	arch = ["x86_64"],
	files = { "data/in" = "0123456789abcdef" }
)

#define CR4_OSFXSR UINT64_C(0x200)

/* The area of FXSAVE: control words, eight ST at 32, sixteen XMM at 160. */
struct fxsave_area {
	uint16_t control, status;
	uint8_t tag, reserved;
	uint16_t opcode;
	uint64_t instruction, operand;
	uint32_t mxcsr, mxcsr_mask;
	uint8_t st[8][16], xmm[16][16];
	uint8_t rest[96];
} __attribute__((aligned(16)));
_Static_assert(sizeof(struct fxsave_area) == 512, "FXSAVE stores 512 bytes");

static struct fxsave_area before, after;

/* The bytes that FXSAVE defines in 64-bit mode: an ST has 10 of its 16. */
static void expect_same_state(void)
{
	expect_eq(after.control, before.control);
	expect_eq(after.status, before.status);
	expect_eq(after.tag, before.tag);
	expect_eq(after.mxcsr, before.mxcsr);
	for (unsigned i = 0; i < 8; i++)
		expect_bytes(after.st[i], before.st[i], 10);
	expect_bytes(after.xmm, before.xmm, sizeof(before.xmm));
}

static void fill(void)
{
	before = (struct fxsave_area){
		.control = 0x027f, .tag = 0xff, .mxcsr = 0x3f80};
	for (unsigned i = 0; i < 8; i++)
		for (unsigned k = 0; k < 10; k++)
			before.st[i][k] = (uint8_t)(0x81 + i * 16 + k);
	for (unsigned i = 0; i < 16; i++)
		for (unsigned k = 0; k < 16; k++)
			before.xmm[i][k] = (uint8_t)(i * 16 + k);
}

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	samples_open();
	uint64_t cr4;
	__asm__ volatile("mov %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("mov %0, %%cr4" : : "r"(cr4 | CR4_OSFXSR));
	fill();
	const struct uhyve_call_info *info;
	TEST("UHY-CALL-024", "ST0 to ST7, XMM0 to XMM15, control words") {
		FOR_EACH_CALL_OF(2, info) {
			sample(info->number, block);
			__asm__ volatile("fxrstor64 %0" : : "m"(before));
			uhyve_call_block(info->number, block);
			__asm__ volatile("fxsave64 %0" : "=m"(after));
			expect_same_state();
		}
	}
}
