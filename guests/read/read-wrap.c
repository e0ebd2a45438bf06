/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "lengths greater than RAM",
	variants = ["twice-ram", "all", "2-to-63", "back-to-0", "back-into-ram"],
	files = { "data/f" = "0123456789" }
)

void guest_main(void)
{
	static uint8_t buf[32];
	const uint64_t at = uhyve_gpa_of(buf).addr;
	const uint64_t lengths[] = {2 * (ram_end() - ram_start()), UINT64_MAX,
				    UINT64_MAX / 2 + 1, 0 - at,
				    0 - at + ram_start() + 16};
	int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
	memset(buf, 0xee, sizeof(buf));
	TEST("UHY-READ-055", "a buffer larger than RAM") {
		expect_one_of(file_read(fd, buf, FOR_VARIANT(lengths)),
			      -UHYVE_EFAULT, -UHYVE_EINVAL);
		expect_filled(buf, 0xee, sizeof(buf));
	}
}
