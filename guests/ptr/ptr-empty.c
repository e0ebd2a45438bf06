/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "a buffer of length 0 may lie anywhere",
	variants = ["read-zero", "read-below-ram", "read-behind-ram", "read-bit-52", "read-last",
		"write-zero", "write-below-ram", "write-behind-ram", "write-bit-52", "write-last"],
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	const uint64_t addresses[] = {0, ram_start() - 1, ram_end(), 1ull << 52,
				      UINT64_MAX};
	void *at = (void *)(uintptr_t)addresses[guest_variant_of(10) % 5];
	samples_open();
	TEST("UHY-PTR-008", "0 bytes are transferred") {
		if (guest_variant() < 5)
			expect_eq(file_read(sample_fd_in, at, 0), 0);
		else
			expect_eq(file_write(sample_fd_out, at, 0), 0);
	}
}
