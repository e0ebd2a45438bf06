/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "a call that fails stores nothing",
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	samples_open();
	TEST("UHY-ERR-010", "FileRead of a descriptor that cannot be read") {
		sample(UHYVE_FILE_READ, block);
		field_set_named(block, UHYVE_FILE_READ, "fd", 4711);
		call(UHYVE_FILE_READ, block);
		expect_eq(call_error(UHYVE_FILE_READ, block), UHYVE_EBADF);
		expect_filled(sample_out, 0xee, sizeof(sample_out));
		sample(UHYVE_FILE_READ, block);
		field_set_named(block, UHYVE_FILE_READ, "fd",
				(uint32_t)sample_fd_out);
		call(UHYVE_FILE_READ, block);
		expect_eq(call_error(UHYVE_FILE_READ, block), UHYVE_EBADF);
		expect_filled(sample_out, 0xee, sizeof(sample_out));
	}
}
