/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the root as a name"
)

void guest_main(void)
{
	TEST("UHY-PATH-078", "the root with O_CREAT") {
		expect_error(
			file_open("/", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644));
		expect_error(file_open("/data/..", UHYVE_O_CREAT, 0644));
	}
	TEST("UHY-PATH-077", "the root as a directory") {
		expect_fd(file_open("/", UHYVE_O_DIRECTORY, 0));
		expect_fd(file_open("/data/..", UHYVE_O_DIRECTORY, 0));
	}
}
