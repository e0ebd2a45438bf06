/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

GUEST(
	summary = "calls of version 1 that fail",
	needs = ["interface-1"],
	variants = {
		"closed" = {}, "read-only" = {}, "write-unmapped" = {},
		"read-unmapped" = {},
		"write-outside" = {},
		"read-outside" = {},
		"read-fails" = {}
	},
	files = { "data/in" = "0123456789abcdef" }
)

static void *const nowhere = (void *)(uintptr_t)0x123456789000;

/* A call that fails, by variant; then another one has its answer. */
static void continues(void)
{
	static char byte;
	unsigned variant = guest_variant();
	int32_t in = v1_open("/data/in", UHYVE_O_RDONLY, 0);
	int32_t out = v1_open("/data/out", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
	/* Mapped, but not to RAM. */
	void *outside = (void *)(uintptr_t)ram_end();
	if (variant >= 4)
		map_ram(ram_end(), 1);
	if (variant == 0)
		v1_write(4711, &byte, 1);
	else if (variant == 1)
		v1_write(in, &byte, 1);
	else if (variant == 2)
		v1_write(out, nowhere, 1);
	else if (variant == 3)
		v1_read(in, nowhere, 1);
	else if (variant == 4)
		v1_write(out, outside, 1);
	else
		v1_read(in, outside, 1);
	expect_eq(v1_close(out), 0);
}

void guest_main(void)
{
	static char byte;
	TEST_IN(VARIANTS(0, 2) | VARIANT(4), "UHY-V1-012",
		"the guest continues")
	{
		continues();
	}
	TEST_IN(VARIANT(3) | VARIANT(5), "UHY-V1-019", "the guest continues")
	{
		continues();
	}
	TEST_IN(VARIANT(6), "UHY-V1-022",
		"a closed descriptor, an unmapped buffer")
	{
		int32_t in = v1_open("/data/in", UHYVE_O_RDONLY, 0);
		expect_error(v1_read(4711, &byte, 1));
		expect_error(v1_read(in, nowhere, 1));
	}
}
