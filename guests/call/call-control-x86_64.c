/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "calls preserve control, segment and descriptor-table registers",
	arch = ["x86_64"],
	files = { "data/in" = "0123456789abcdef" }
)

#define EFER 0xc0000080u
#define FS_BASE 0xc0000100u
#define GS_BASE 0xc0000101u

struct __attribute__((packed)) table_register {
	uint16_t limit;
	uint64_t base;
};

static uint64_t rdmsr(uint32_t msr)
{
	uint32_t low, high;
	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
	return (uint64_t)high << 32 | low;
}

static void wrmsr(uint32_t msr, uint64_t value)
{
	__asm__ volatile("wrmsr"
			 :
			 : "a"((uint32_t)value), "d"((uint32_t)(value >> 32)),
			   "c"(msr));
}

static void control(uint64_t values[5])
{
	__asm__ volatile("mov %%cr0, %0" : "=r"(values[0]));
	__asm__ volatile("mov %%cr2, %0" : "=r"(values[1]));
	__asm__ volatile("mov %%cr3, %0" : "=r"(values[2]));
	__asm__ volatile("mov %%cr4, %0" : "=r"(values[3]));
	values[4] = rdmsr(EFER);
}

static void segments(uint64_t values[14])
{
	struct table_register gdtr, idtr;
#define SELECTOR(n, name)                                                      \
	__asm__ volatile("mov %%" name ", %0" : "=r"(values[n]))
	SELECTOR(0, "cs");
	SELECTOR(1, "ds");
	SELECTOR(2, "es");
	SELECTOR(3, "fs");
	SELECTOR(4, "gs");
	SELECTOR(5, "ss");
	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	__asm__ volatile("sidt %0" : "=m"(idtr));
	values[6] = gdtr.limit;
	values[7] = gdtr.base;
	values[8] = idtr.limit;
	values[9] = idtr.base;
	values[10] = rdmsr(FS_BASE);
	values[11] = rdmsr(GS_BASE);
	__asm__ volatile("str %0" : "=r"(values[12]));
	__asm__ volatile("sldt %0" : "=r"(values[13]));
}

/* True if what get stores is the same before and after each call. */
static void around_calls(void (*get)(uint64_t *), unsigned count)
{
	static uint64_t block[MAX_BLOCK / 8];
	uint64_t before[14] = {0}, after[14] = {0};
	const struct uhyve_call_info *info;
	FOR_EACH_CALL_OF(2, info) {
		sample(info->number, block);
		get(before);
		call(info->number, block);
		get(after);
		expect_bytes(after, before, 8 * count);
	}
}

void guest_main(void)
{
	samples_open();
	TEST("UHY-CALL-022", "CR0, CR2, CR3, CR4 and IA32_EFER") {
		__asm__ volatile("mov %0, %%cr2" : : "r"(0x123456789000ul));
		around_calls(control, 5);
	}
	TEST("UHY-CALL-023", "segments, their bases, GDTR, IDTR, TR, LDTR") {
		wrmsr(FS_BASE, 0x12345678);
		wrmsr(GS_BASE, 0x9abcdef0);
		around_calls(segments, 14);
	}
}
