/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

/* Notes of someone else, one with our type and one with our name. */
static const struct uhyve_note other_name UHYVE_IN_NOTES = {
	8, 4, 0x5b00, "STRANGE", {9, 9, 9, 9}};
static const struct uhyve_note other_type UHYVE_IN_NOTES = {
	8, 4, 0x5b01, "UHYVEIF", {9, 9, 9, 9}};

GUEST(
	summary = "images that have to be started",
	variants = {
		"position-independent" = {},
		"osabi-0" = { image = ["osabi=0"] },
		"osabi-3" = { image = ["osabi=3"] },
		"empty-segment" = { image = ["segment-bss=0"] },
		"no-abi-note" = { image = ["no-abi-note"] },
		"second-notes" = { image = ["second-notes"] },
		"segments-only" = { image = ["segments-only"] },
		"one-segment" = { image = ["one-segment"] },
		"segment-at-entry" = { image = ["segment-at-entry"] }
	}
)

void guest_main(void)
{
	TEST_IN(VARIANT(0) | VARIANT(3) | VARIANTS(5, 8), "UHY-BOOT-001",
		"it runs")
	{
		expect(true);
	}
	TEST_IN(VARIANTS(1, 2), "UHY-BOOT-003", "it runs")
	{
		expect(true);
	}
	TEST_IN(VARIANT(4), "UHY-BOOT-004", "it runs")
	{
		expect(true);
	}
	TEST_IN(VARIANT(0), "UHY-BOOT-005", "strange notes are ignored")
	{
		expect_eq(boot_info->serial_port_base, 0x1030);
	}
}
