/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

GUEST(
	summary = "probes for images of version 1",
	probe = "interface-1"
)

void guest_main(void)
{
	TEST("UHY-V1-001", "a call of version 1 answers") {
		expect_eq(v1_close(4711), -UHYVE_EBADF);
	}
}
