/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Mistakes that only a guest of aarch64 can make, for bad.c; and its entry. */
#ifndef BAD_AARCH64_H
#define BAD_AARCH64_H

/* The address of the number in X9, the argument in X8 and X7. */
#define STORE_FORM(instruction, number, argument)                              \
	do {                                                                   \
		register uint64_t x7 __asm__("x7") = (argument);               \
		register uint64_t x8 __asm__("x8") = (argument);               \
		register uint64_t x9 __asm__("x9") = (number);                 \
		__asm__ volatile(instruction                                   \
				 : "+r"(x9)                                    \
				 : "r"(x7), "r"(x8)                            \
				 : "memory");                                  \
	} while (0)

BAD(store_of_a_pair)
{
	STORE_FORM("stp x8, xzr, [x9]", UHYVE_FILE_CLOSE, at(&close_block));
}

BAD(store_with_write_back)
{
	STORE_FORM("str x8, [x9], #8", UHYVE_FILE_CLOSE, at(&close_block));
}

BAD(store_of_32_bits)
{
	STORE_FORM("str w8, [x9]", UHYVE_FILE_CLOSE, at(&close_block));
}

BAD(store_of_another_register)
{
	STORE_FORM("str x7, [x9]", UHYVE_FILE_CLOSE, at(&close_block));
}

/* What a compiler may leave above the lowest 16 bits of a register. */
BAD(upper_bits_of_a_number)
{
	STORE_FORM("str x8, [x9]", 0x7fff00000000 | UHYVE_FILE_CLOSE,
		   at(&close_block));
}

/* The entry of the page tables that maps address, below the root. */
static volatile uint64_t *page_entry(uint64_t address)
{
	uint64_t table = page_table_root();
	for (unsigned shift = 39; shift > 12; shift -= 9)
		table = ((volatile uint64_t *)table)[address >> shift & 511] &
			0xfffffffff000;
	return (volatile uint64_t *)table + (address >> 12 & 511);
}

/* The attributes of RAM for the numbers of the calls. */
BAD(numbers_as_memory)
{
	volatile uint64_t *entry = page_entry(UHYVE_EXIT);
	*entry = (*entry & ~UINT64_C(0x1c)) | 4 << 2;
	__asm__ volatile("dsb ish; tlbi vmalle1is; dsb ish; isb" ::: "memory");
	close_block = (struct uhyve_close_params){1, UNANSWERED};
	STORE_FORM("str x8, [x9]", UHYVE_FILE_CLOSE, at(&close_block));
	*entry = (*entry & ~UINT64_C(0x1c)) | 1 << 2;
	__asm__ volatile("dsb ish; tlbi vmalle1is; dsb ish; isb" ::: "memory");
}

/* The root of the page tables names itself in its last entry. */
BAD(virtual_pointer)
{
	write_to(1, 0xfffffffff000, 1);
}

BAD(page_table_written)
{
	volatile uint64_t *root = (volatile uint64_t *)page_table_root();
	for (unsigned i = 0; i < 512; i++)
		__asm__ volatile("str xzr, [%0]" : : "r"(root + i) : "memory");
	__asm__ volatile("dsb ish; tlbi vmalle1is; dsb ish; isb" ::: "memory");
}

/* By stores with write-back, of which the hardware says no more than where. */
BAD(page_tables_cleared)
{
	volatile uint64_t *at = (volatile uint64_t *)page_table_root();
	__asm__ volatile("1: stp xzr, xzr, [%0], #16\n"
			 "   tst %0, #0xfff\n"
			 "   b.ne 1b\n"
			 "   dsb ish; tlbi vmalle1is; dsb ish; isb"
			 : "+r"(at)
			 :
			 : "memory", "cc");
}

/* A store of a pair is not described, wherever it goes. */
BAD(pair_over_boot_information)
{
	struct uhyve_boot_info *info =
		(struct uhyve_boot_info *)(uintptr_t)boot_info;
	__asm__ volatile("stp xzr, xzr, [%0]" : : "r"(info) : "memory");
}

BAD(halted)
{
	__asm__ volatile("msr daifset, #2\n1: wfi\n b 1b");
}

/* ---- The entry ---- */

/* What it asks for the choice uses a stack of its own. */
__asm__(".text\n"
	".globl bad_start\n"
	"bad_start:\n"
	"	mov x19, x0\n"
	"	mov x20, x1\n"
	"	mov x21, sp\n"
	"	adrp x9, bad_stack_end\n"
	"	add x9, x9, :lo12:bad_stack_end\n"
	"	mov sp, x9\n"
	"	bl guest_variant\n"
	"	mov w9, w0\n"
	"	mov x0, x19\n"
	"	mov x1, x20\n"
	"	cmp w9, #2\n"
	"	b.eq 2f\n"
	"	mov sp, x21\n"
	"	cmp w9, #1\n"
	"	b.eq 1f\n"
	"	b _start\n"
	"1:	b mistake_entry_stack\n"
	"2:	mov x0, x1\n"
	"	bl mistake_one_stack_for_all\n");

#endif
