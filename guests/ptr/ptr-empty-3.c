/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "a buffer of length 0 may lie anywhere, of Getdents, too",
	needs = ["interface-3"],
	variants = ["zero", "below-ram", "behind-ram", "bit-52", "last"]
)

void guest_main(void)
{
	const uint64_t addresses[] = {0, ram_start() - 1, ram_end(), 1ull << 52,
				      UINT64_MAX};
	void *at = (void *)(uintptr_t)FOR_VARIANT(addresses);
	int32_t fd = file_open("/data", UHYVE_O_DIRECTORY, 0);
	TEST("UHY-PTR-008", "no record, and no EFAULT") {
		int64_t n = dir_read(fd, at, 0);
		expect_between(n, -UHYVE_ERRNO_MAX, 0);
		expect(n != -UHYVE_EFAULT);
	}
}
