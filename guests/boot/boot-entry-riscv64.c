/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fdt.h"

GUEST(
	summary = "the state of the processor at entry",
	arch = ["riscv64"]
)

#define STACK_SIZE 0x8000u
#define SSTATUS_SIE UINT64_C(0x2)
#define SSTATUS_FS UINT64_C(0x6000)

/* Only supervisor mode and what is above it can read these. */
#define READ(name)                                                             \
	({                                                                     \
		uint64_t value_;                                               \
		__asm__ volatile("csrr %0, " name : "=r"(value_));             \
		value_;                                                        \
	})

static bool disjoint(uint64_t end, uint64_t from, uint64_t to)
{
	return end <= from || to <= end - STACK_SIZE;
}

static void check_stack(uint64_t end)
{
	uint64_t info = guest_entries[0].boot_info;
	uint64_t tree = boot_info->device_tree.addr;
	expect_eq(end % 16, 0);
	expect(end >= ram_start() + STACK_SIZE && end <= ram_end());
	expect(disjoint(end, boot_info->image_start, boot_info->image_end));
	expect(disjoint(end, info, info + 128));
	expect(disjoint(end, tree,
			tree + fdt_u32((char *)(uintptr_t)tree + 4)));
}

void guest_main(void)
{
	uint32_t len;
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
		check_stack(guest_entries[0].stack);
	}
	TEST("UHY-BOOT-175", "SP") {
		expect(guest_entries[0].stack <= boot_info->image_start);
	}
	TEST("UHY-BOOT-174", "timebase-frequency") {
		const char *hertz =
			fdt_property("/cpus", "timebase-frequency", &len);
		expect(hertz && len == 4 && fdt_u32(hertz) != 0);
	}
}
