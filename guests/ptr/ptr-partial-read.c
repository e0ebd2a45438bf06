/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "nothing is stored in a buffer that leaves RAM, and the position stays",
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	uint8_t *tail = ram_tail(16);
	samples_open();
	memset(tail, 0xee, 16);
	TEST("UHY-PTR-017", "8 bytes in RAM, 8 beyond it") {
		expect_eq(file_read(sample_fd_in, tail + 8, 16), -UHYVE_EFAULT);
		expect_filled(tail, 0xee, 16);
	}
	TEST("UHY-PTR-019", "the position is where it was") {
		file_lseek(sample_fd_in, 5, UHYVE_SEEK_SET);
		expect_eq(file_read(sample_fd_in, tail + 8, 11), -UHYVE_EFAULT);
		expect_eq(file_lseek(sample_fd_in, 0, UHYVE_SEEK_CUR), 5);
	}
}
