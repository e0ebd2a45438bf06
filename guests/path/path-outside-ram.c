/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a path whose address lies outside RAM",
	variants = ["null", "below", "behind", "top", "unlink"]
)

void guest_main(void)
{
	const uint64_t addresses[] = {0, ram_start() - 1, ram_end(), UINT64_MAX,
				      ram_end()};
	const char *path = (const char *)(uintptr_t)FOR_VARIANT(addresses);
	TEST("UHY-PATH-003", "the address of a path is not in RAM") {
		if (guest_variant() == 4)
			expect_eq(file_unlink(path), -UHYVE_EFAULT);
		else
			expect_eq(file_open(path, UHYVE_O_RDONLY, 0),
				  -UHYVE_EFAULT);
	}
}
