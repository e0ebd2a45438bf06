/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "bits of mode above the permissions are dropped",
	after = [
		{ path = "data/suid", mode = "755", id = "UHY-OPEN-020" },
		{ path = "data/all", mode = "755", id = "UHY-OPEN-020" }
	]
)

#define CREATE (UHYVE_O_CREAT | UHYVE_O_WRONLY)

void guest_main(void)
{
	TEST("UHY-OPEN-020", "set-user-ID, and all bits; the host looks") {
		expect_fd(file_open("/data/suid", CREATE, 04755));
		expect_fd(file_open("/data/all", CREATE, -1));
	}
}
