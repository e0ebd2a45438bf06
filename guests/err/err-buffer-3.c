/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "a call of interface 3 that fails stores nothing",
	needs = ["interface-3"],
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	samples_open();
	TEST("UHY-ERR-010", "Getdents, FileStat and FileFstat") {
		sample(UHYVE_FILE_STAT, block);
		field_set_named(block, UHYVE_FILE_STAT, "name",
				uhyve_gpa_of("/data/none").addr);
		call(UHYVE_FILE_STAT, block);
		expect_eq(call_error(UHYVE_FILE_STAT, block), UHYVE_ENOENT);
		expect_filled(sample_out, 0xee, sizeof(sample_out));
		sample(UHYVE_FILE_FSTAT, block);
		field_set_named(block, UHYVE_FILE_FSTAT, "fd", 4711);
		call(UHYVE_FILE_FSTAT, block);
		expect_eq(call_error(UHYVE_FILE_FSTAT, block), UHYVE_EBADF);
		expect_filled(sample_out, 0xee, sizeof(sample_out));
		sample(UHYVE_GETDENTS, block);
		field_set_named(block, UHYVE_GETDENTS, "fd", 4711);
		call(UHYVE_GETDENTS, block);
		expect_eq(call_error(UHYVE_GETDENTS, block), UHYVE_EBADF);
		expect_filled(sample_out, 0xee, sizeof(sample_out));
	}
}
