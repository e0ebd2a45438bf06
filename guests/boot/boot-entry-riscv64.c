/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "entry.h"
#include "fdt.h"

GUEST(
	summary = "the state of the processor at entry",
	arch = ["riscv64"]
)

#define SSTATUS_SIE UINT64_C(0x2)
#define SSTATUS_FS UINT64_C(0x6000)

/* Only supervisor mode and what is above it can read these. */
#define READ(name)                                                             \
	({                                                                     \
		uint64_t value_;                                               \
		__asm__ volatile("csrr %0, " name : "=r"(value_));             \
		value_;                                                        \
	})

void guest_main(void)
{
	TEST("UHY-BOOT-170", "satp") {
		expect_eq(READ("satp"), 0);
	}
	TEST("UHY-BOOT-171", "sstatus.SIE") {
		expect_eq(READ("sstatus") & SSTATUS_SIE, 0);
	}
	TEST("UHY-BOOT-172", "sstatus.FS") {
		expect((READ("sstatus") & SSTATUS_FS) != 0);
	}
	TEST("UHY-BOOT-173", "32 KiB below SP") {
		expect_eq(guest_entries[0].stack % 16, 0);
		expect_entry_stack(guest_entries[0].stack - ENTRY_STACK_SIZE);
	}
	TEST("UHY-BOOT-175", "SP") {
		expect(guest_entries[0].stack <= boot_info->image_start);
	}
	uint32_t len;
	TEST("UHY-BOOT-174", "timebase-frequency") {
		const char *hertz =
			fdt_property("/cpus", "timebase-frequency", &len);
		expect(hertz && len == 4 && fdt_u32(hertz) != 0);
	}
}
