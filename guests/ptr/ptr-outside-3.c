/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Each pointer of each call in each place where there is no RAM, a run each, so
 * that a hypervisor that falls over one of them is judged on the others.
 */
#define SINCE 3
#define POINTERS 5u
#include "outside.h"

GUEST(
	summary = "buffers and paths that do not lie wholly in RAM",
	requirements = ["UHY-PTR-010"],
	needs = ["interface-3"],
	variants = {
		"Getdents.buf-behind-by-one" = { requirements = ["UHY-PTR-010"] },
		"Getdents.buf-straddles-end" = { requirements = ["UHY-PTR-010"] },
		"Getdents.buf-straddles-start" = { requirements = ["UHY-PTR-011"] },
		"Getdents.buf-zero" = { requirements = ["UHY-PTR-012"] },
		"Getdents.buf-behind-ram" = { requirements = ["UHY-PTR-013"] },
		"Getdents.buf-wraps" = { requirements = ["UHY-PTR-014"] },
		"Getdents.buf-bit-52" = { requirements = ["UHY-PTR-015"] },
		"Getdents.buf-bit-63" = { requirements = ["UHY-PTR-015"] },
		"Getdents.buf-ram-plus-1" = { requirements = ["UHY-PTR-016"] },
		"Getdents.buf-2-to-31" = { requirements = ["UHY-PTR-016"] },
		"Getdents.buf-2-to-32" = { requirements = ["UHY-PTR-016"] },
		"Getdents.buf-2-to-63" = { requirements = ["UHY-PTR-016"] },
		"Getdents.buf-all-ones" = { requirements = ["UHY-PTR-016"] },
		"FileStat.name-zero" = { requirements = ["UHY-PTR-012"] },
		"FileStat.name-behind-ram" = { requirements = ["UHY-PTR-013"] },
		"FileStat.name-wraps" = { requirements = ["UHY-PTR-014"] },
		"FileStat.name-bit-52" = { requirements = ["UHY-PTR-015"] },
		"FileStat.name-bit-63" = { requirements = ["UHY-PTR-015"] },
		"FileStat.attr-behind-by-one" = { requirements = ["UHY-PTR-010"] },
		"FileStat.attr-straddles-end" = { requirements = ["UHY-PTR-010"] },
		"FileStat.attr-straddles-start" = { requirements = ["UHY-PTR-011"] },
		"FileStat.attr-zero" = { requirements = ["UHY-PTR-012"] },
		"FileStat.attr-behind-ram" = { requirements = ["UHY-PTR-013"] },
		"FileStat.attr-wraps" = { requirements = ["UHY-PTR-014"] },
		"FileStat.attr-bit-52" = { requirements = ["UHY-PTR-015"] },
		"FileStat.attr-bit-63" = { requirements = ["UHY-PTR-015"] },
		"FileFstat.attr-behind-by-one" = { requirements = ["UHY-PTR-010"] },
		"FileFstat.attr-straddles-end" = { requirements = ["UHY-PTR-010"] },
		"FileFstat.attr-straddles-start" = { requirements = ["UHY-PTR-011"] },
		"FileFstat.attr-zero" = { requirements = ["UHY-PTR-012"] },
		"FileFstat.attr-behind-ram" = { requirements = ["UHY-PTR-013"] },
		"FileFstat.attr-wraps" = { requirements = ["UHY-PTR-014"] },
		"FileFstat.attr-bit-52" = { requirements = ["UHY-PTR-015"] },
		"FileFstat.attr-bit-63" = { requirements = ["UHY-PTR-015"] },
		"Mkdir.path-zero" = { requirements = ["UHY-PTR-012"] },
		"Mkdir.path-behind-ram" = { requirements = ["UHY-PTR-013"] },
		"Mkdir.path-wraps" = { requirements = ["UHY-PTR-014"] },
		"Mkdir.path-bit-52" = { requirements = ["UHY-PTR-015"] },
		"Mkdir.path-bit-63" = { requirements = ["UHY-PTR-015"] }
	},
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	plan(1);
	samples_open();
	run_cell(guest_variant());
}
