/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "nothing is written from a buffer that leaves RAM",
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	uint8_t *tail = ram_tail(16);
	samples_open();
	memset(tail, 'x', 16);
	TEST("UHY-PTR-018", "8 bytes in RAM, 8 beyond it") {
		expect_eq(file_write(sample_fd_out, tail + 8, 16),
			  -UHYVE_EFAULT);
		expect_eq(file_lseek(sample_fd_out, 0, UHYVE_SEEK_END), 0);
	}
}
