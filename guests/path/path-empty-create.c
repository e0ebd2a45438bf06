/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the empty path cannot be created"
)

void guest_main(void)
{
	TEST("UHY-PATH-010", "the empty path with O_CREAT") {
		expect_eq(file_open("", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644),
			  -UHYVE_ENOENT);
		expect_error(file_open("", UHYVE_O_RDONLY, 0));
	}
}
