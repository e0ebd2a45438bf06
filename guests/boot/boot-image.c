/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the image in memory",
	also = [3],
	memory = 16
)

static const volatile char constant[] = "abcdefghijklmnopqrstuvwxyz";
static volatile char variable[] = "abcdefghijklmnopqrstuvwxyz";
static uint64_t zero[2048];
/* Each of these is a relocation. */
static const char *const volatile pointers[] = {
	"first", "second", "third", (const char *)zero, (const char *)&zero[1]};

static const char *const volatile pointer_in_first
	__attribute__((section(".guest.first"))) = "in the first segment";

/* A function that only returns. */
static void run(uint8_t *code)
{
#if defined(__x86_64__)
	code[0] = 0xc3;
#elif defined(__riscv)
	static const uint8_t ret[4] = {0x67, 0x80, 0x00, 0x00};
	memcpy(code, ret, 4);
	__asm__ volatile("fence.i" ::: "memory");
#else
	static const uint8_t ret[4] = {0xc0, 0x03, 0x5f, 0xd6};
	memcpy(code, ret, 4);
	__asm__ volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb"
			 :
			 : "r"(code)
			 : "memory");
#endif
	((void (*)(void))(uintptr_t)code)();
}

/* All bits that are set in the words at these places. */
static uint64_t bits(uint64_t from, uint64_t to, uint64_t step)
{
	uint64_t all = 0;
	for (uint64_t at = from; at < to; at += step)
		all |= *(volatile uint64_t *)(uintptr_t)at;
	return all;
}

void guest_main(void)
{
	static uint8_t code[16] __attribute__((aligned(16)));
	TEST("UHY-BOOT-033", "constants and variables") {
		for (int i = 0; i < 26; i++) {
			expect_eq(constant[i], 'a' + i);
			expect_eq(variable[i], 'a' + i);
		}
	}
	TEST("UHY-BOOT-034", "16 KiB that the file does not hold") {
		expect_filled(zero, 0, sizeof(zero));
	}
	TEST("UHY-BOOT-035",
	     "the page after the image, a word of each other page") {
		uint64_t from = (boot_info->image_end + 4095) & ~4095ull;
		map_ram(from, ram_end() - from);
		expect_eq(bits(from, from + 4096, 8), 0);
		expect_eq(bits(from, ram_end(), 4096), 0);
	}
	TEST("UHY-BOOT-036", "pointers in constants") {
		expect_bytes(pointers[0], "first", 6);
		expect_bytes(pointers[1], "second", 7);
		expect_bytes(pointers[2], "third", 6);
		expect(pointers[3] == (const char *)zero);
		expect(pointers[4] == (const char *)zero + 8);
		/* Its first segment has a relocation, too. */
		expect_bytes(pointer_in_first, "in the first segment", 21);
	}
	TEST("UHY-BOOT-047", "code can be changed, data can be run") {
		volatile char *letter = (volatile char *)(uintptr_t)constant;
		*letter = 'A';
		expect_eq(constant[0], 'A');
		*letter = 'a';
		/* Each line on the console shows that addresses are guest-physical. */
		run(code);
	}
	TEST("UHY-BOOT-063", "image_start") {
		expect_eq(boot_info->image_start,
			  uhyve_gpa_of(guest_image).addr);
	}
	TEST("UHY-BOOT-064", "image_end") {
		expect_eq(boot_info->image_end,
			  uhyve_gpa_of(guest_image_end).addr);
	}
}
