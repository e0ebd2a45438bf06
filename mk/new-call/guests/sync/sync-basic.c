/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "FileSync of a file",
	needs = ["interface-3"],
	files = { "data/f" = "kept" }
)

void guest_main(void)
{
	static struct uhyve_sync_params block = {.ret = UNANSWERED};
	block.fd = file_open("/data/f", UHYVE_O_RDWR, 0);
	TEST("UHY-SYNC-001", "an open descriptor") {
		call(UHYVE_FILE_SYNC, &block);
		expect_eq(block.ret, 0);
	}
}
