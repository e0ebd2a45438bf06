/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "many descriptors at the same time",
	files = { "data/f" = "0123456789" }
)

#define MANY 64

void guest_main(void)
{
	static int32_t fds[MANY];
	TEST("UHY-OPEN-011", "64 descriptors, all different, all usable") {
		for (int i = 0; i < MANY; i++) {
			fds[i] = file_open("/data/f", UHYVE_O_RDONLY, 0);
			expect_fd(fds[i]);
			for (int k = 0; k < i; k++)
				if (fds[k] == fds[i])
					expect(fds[k] != fds[i]);
		}
		char byte;
		for (int i = 0; i < MANY; i++)
			expect_eq(file_read(fds[i], &byte, 1), 1);
	}
}
