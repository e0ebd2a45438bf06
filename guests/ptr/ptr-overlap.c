/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "an output buffer that overlaps its own block",
	files = { "data/in" = { size = 4096 } }
)

void guest_main(void)
{
	static uint8_t memory[128] __attribute__((aligned(8)));
	samples_open();
	TEST("UHY-PTR-020", "at the block, before it and in it") {
		for (unsigned at = 0; at <= 64; at += 4) {
			sample(UHYVE_FILE_READ, memory + 32);
			field_set_named(memory + 32, UHYVE_FILE_READ, "buf",
					uhyve_gpa_of(memory + at).addr);
			field_set_named(memory + 32, UHYVE_FILE_READ, "len",
					64);
			call(UHYVE_FILE_READ, memory + 32);
			expect(true);
		}
		expect_eq(file_lseek(sample_fd_in, 3, UHYVE_SEEK_SET), 3);
	}
}
