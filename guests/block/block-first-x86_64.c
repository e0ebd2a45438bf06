/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "block and buffer at the first byte of RAM",
	arch = ["x86_64"],
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	uint8_t saved[64], *first = (uint8_t *)(uintptr_t)ram_start();
	samples_open();
	/* The table of segments that lies there is not looked at in the meantime. */
	memcpy(saved, first, sizeof(saved));
	const struct uhyve_call_info *info;
	TEST("UHY-BLOCK-033", "blocks of each call") {
		FOR_EACH_CALL_OF(2, info) {
			sample_call(info, first);
		}
	}
	TEST("UHY-PTR-002", "read to it, written from it") {
		file_lseek(sample_fd_in, 0, UHYVE_SEEK_SET);
		expect_eq(file_read(sample_fd_in, first, 16), 16);
		expect_bytes(first, SAMPLE_IN, 16);
		expect_eq(file_write(sample_fd_out, first, 16), 16);
		int32_t fd = file_open("/data/out", UHYVE_O_RDONLY, 0);
		file_lseek(fd, -16, UHYVE_SEEK_END);
		uint8_t copy[16];
		expect_eq(file_read(fd, copy, 16), 16);
		expect_bytes(copy, SAMPLE_IN, 16);
	}
	memcpy(first, saved, sizeof(saved));
}
