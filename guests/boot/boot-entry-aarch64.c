/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "entry.h"
#include "test.h"

GUEST(
	summary = "the state of the processor at entry",
	arch = ["aarch64"]
)

#define SCTLR_A UINT64_C(0x2)
#define SCTLR_C UINT64_C(0x4)
#define SCTLR_I UINT64_C(0x1000)
#define SCTLR_EE UINT64_C(0x2000000)

#define READ(name)                                                             \
	({                                                                     \
		uint64_t value_;                                               \
		__asm__ volatile("mrs %0, " name : "=r"(value_));              \
		value_;                                                        \
	})

/* The translation of a store to address: PAR_EL1. */
static uint64_t translated(uint64_t address)
{
	__asm__ volatile("at s1e1w, %0\n\tisb" : : "r"(address) : "memory");
	return READ("par_el1");
}

static void check_mapping(uint64_t address)
{
	uint64_t found = translated(address);
	expect_eq(found & 1, 0);
	expect_eq(found & 0xfffffffff000, address & ~0xfffull);
	/* Device memory of whatever kind. */
	expect_eq(found >> 60, 0);
}

void guest_main(void)
{
	TEST("UHY-BOOT-050", "CurrentEL and SPSel") {
		expect_eq(READ("CurrentEL") >> 2 & 3, 1);
		expect_eq(READ("SPSel") & 1, 1);
	}
	TEST("UHY-BOOT-051", "DAIF") {
		expect_eq(READ("daif") >> 6 & 15, 15);
	}
	uint64_t control;
	TEST("UHY-BOOT-052", "SCTLR_EL1.M, TCR_EL1.T0SZ and TG0") {
		control = READ("tcr_el1");
		expect_eq(READ("sctlr_el1") & 1, 1);
		expect_eq(control & 63, 16);
		expect_eq(control >> 14 & 3, 0);
	}
	TEST("UHY-BOOT-053", "the first and the last number") {
		check_mapping(0x1000);
		check_mapping(0x1ff8);
	}
	TEST("UHY-BOOT-054", "CPACR_EL1.FPEN") {
		expect_eq(READ("cpacr_el1") >> 20 & 3, 3);
	}
	TEST("UHY-BOOT-055", "32 KiB from SP on") {
		expect_entry_stack(guest_entries[0].stack);
	}
	TEST("UHY-BOOT-175", "SP and 32 KiB") {
		expect(guest_entries[0].stack + ENTRY_STACK_SIZE <=
		       boot_info->image_start);
	}
	TEST("UHY-BOOT-176", "SCTLR_EL1") {
		control = READ("sctlr_el1");
		expect_eq(control & (SCTLR_C | SCTLR_I), SCTLR_C | SCTLR_I);
		expect_eq(control & (SCTLR_A | SCTLR_EE), 0);
	}
	TEST("UHY-BOOT-177", "TCR_EL1.IRGN0, ORGN0, SH0") {
		control = READ("tcr_el1");
		/* 1 and 3: write-back, with and without write-allocate. */
		expect_eq(control >> 8 & 1, 1);
		expect_eq(control >> 10 & 1, 1);
		expect_eq(control >> 12 & 3, 3);
	}
}
