/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "standard input can be read after FileClose of 0",
	needs = ["stdin"],
	stdin = "input"
)

void guest_main(void)
{
	char found[1] = "";
	TEST("UHY-CLOSE-014", "FileRead from 0 after FileClose") {
		file_close(0);
		expect_eq(file_read(0, found, 1), 1);
		expect_bytes(found, "i", 1);
	}
}
