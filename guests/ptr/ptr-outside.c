/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Each pointer of each call in each place where there is no RAM, a run each, so
 * that a hypervisor that falls over one of them is judged on the others.
 */
#define SINCE 2
#define POINTERS 4u
#include "outside.h"

GUEST(
	summary = "buffers and paths that do not lie wholly in RAM",
	requirements = ["UHY-PTR-010"],
	variants = {
		"FileWrite.buf-behind-by-one" = { requirements = ["UHY-PTR-010"] },
		"FileWrite.buf-straddles-end" = { requirements = ["UHY-PTR-010"] },
		"FileWrite.buf-straddles-start" = { requirements = ["UHY-PTR-011"] },
		"FileWrite.buf-zero" = { requirements = ["UHY-PTR-012"] },
		"FileWrite.buf-behind-ram" = { requirements = ["UHY-PTR-013"] },
		"FileWrite.buf-wraps" = { requirements = ["UHY-PTR-014"] },
		"FileWrite.buf-bit-52" = { requirements = ["UHY-PTR-015"] },
		"FileWrite.buf-bit-63" = { requirements = ["UHY-PTR-015"] },
		"FileWrite.buf-ram-plus-1" = { requirements = ["UHY-PTR-016"] },
		"FileWrite.buf-2-to-31" = { requirements = ["UHY-PTR-016"] },
		"FileWrite.buf-2-to-32" = { requirements = ["UHY-PTR-016"] },
		"FileWrite.buf-2-to-63" = { requirements = ["UHY-PTR-016"] },
		"FileWrite.buf-all-ones" = { requirements = ["UHY-PTR-016"] },
		"FileOpen.name-zero" = { requirements = ["UHY-PTR-012"] },
		"FileOpen.name-behind-ram" = { requirements = ["UHY-PTR-013"] },
		"FileOpen.name-wraps" = { requirements = ["UHY-PTR-014"] },
		"FileOpen.name-bit-52" = { requirements = ["UHY-PTR-015"] },
		"FileOpen.name-bit-63" = { requirements = ["UHY-PTR-015"] },
		"FileRead.buf-behind-by-one" = { requirements = ["UHY-PTR-010"] },
		"FileRead.buf-straddles-end" = { requirements = ["UHY-PTR-010"] },
		"FileRead.buf-straddles-start" = { requirements = ["UHY-PTR-011"] },
		"FileRead.buf-zero" = { requirements = ["UHY-PTR-012"] },
		"FileRead.buf-behind-ram" = { requirements = ["UHY-PTR-013"] },
		"FileRead.buf-wraps" = { requirements = ["UHY-PTR-014"] },
		"FileRead.buf-bit-52" = { requirements = ["UHY-PTR-015"] },
		"FileRead.buf-bit-63" = { requirements = ["UHY-PTR-015"] },
		"FileRead.buf-ram-plus-1" = { requirements = ["UHY-PTR-016"] },
		"FileRead.buf-2-to-31" = { requirements = ["UHY-PTR-016"] },
		"FileRead.buf-2-to-32" = { requirements = ["UHY-PTR-016"] },
		"FileRead.buf-2-to-63" = { requirements = ["UHY-PTR-016"] },
		"FileRead.buf-all-ones" = { requirements = ["UHY-PTR-016"] },
		"FileUnlink.name-zero" = { requirements = ["UHY-PTR-012"] },
		"FileUnlink.name-behind-ram" = { requirements = ["UHY-PTR-013"] },
		"FileUnlink.name-wraps" = { requirements = ["UHY-PTR-014"] },
		"FileUnlink.name-bit-52" = { requirements = ["UHY-PTR-015"] },
		"FileUnlink.name-bit-63" = { requirements = ["UHY-PTR-015"] }
	},
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	plan(1);
	samples_open();
	run_cell(guest_variant());
}
