/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "calls with interrupts enabled, and none arrives",
	variants = { "performed" = {}, "quiet" = {} },
	arch = ["x86_64"],
	files = { "data/in" = "0123456789abcdef" }
)

struct gate {
	uint16_t offset_low, selector, attributes, offset_mid;
	uint32_t offset_high, zero;
};
static struct gate gates[256] __attribute__((aligned(16)));
static volatile uint32_t arrived;

/* Every vector: count, and stay there, since an exception may come back. */
__asm__(".globl on_vector\n"
	"on_vector: incl arrived(%rip)\n"
	"	call on_vector_report\n");
extern const char on_vector[];

__attribute__((used)) static void on_vector_report(void)
{
	expect_eq(arrived, 0);
	test_end();
	guest_end();
}

static void load_gates(void)
{
	struct __attribute__((packed)) {
		uint16_t limit;
		uint64_t base;
	} idtr = {sizeof(gates) - 1, (uint64_t)(uintptr_t)gates};
	uint64_t at = (uint64_t)(uintptr_t)on_vector;
	for (unsigned i = 0; i < 256; i++)
		gates[i] = (struct gate){
			(uint16_t)at,         8, 0x8e00, (uint16_t)(at >> 16),
			(uint32_t)(at >> 32), 0};
	__asm__ volatile("lidt %0" : : "m"(idtr));
}

static void every_call(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	const struct uhyve_call_info *info;
	FOR_EACH_CALL_OF(2, info) {
		sample(info->number, block);
		call(info->number, block);
		expect_eq(call_error(info->number, block), 0);
	}
}

void guest_main(void)
{
	load_gates();
	samples_open();
	TEST_IN(VARIANT(0), "UHY-CALL-010", "calls with interrupts disabled")
	{
		every_call();
	}
	TEST_IN(VARIANT(0), "UHY-CALL-010", "calls with interrupts enabled")
	{
		__asm__ volatile("sti");
		every_call();
		__asm__ volatile("cli");
	}
	TEST_IN(VARIANT(1), "UHY-CALL-027", "no exception and no interrupt")
	{
		__asm__ volatile("sti");
		every_call();
		__asm__ volatile("cli");
		expect_eq(arrived, 0);
	}
}
