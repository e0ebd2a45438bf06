/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "Mkdir of a path without a NUL before the end of RAM",
	needs = ["interface-3"],
	after = [{ path = "data/new", absent = true, id = "UHY-MKDIR-018" }]
)

static int64_t make_cut_off(const char *text, uint64_t len)
{
	struct uhyve_mkdir_params block;
	memset(&block, 0, sizeof(block));
	block.path = uhyve_gpa_of(
		memcpy(ram_tail(strlen(text)), text, strlen(text)));
	block.len = len;
	call(UHYVE_MKDIR, &block);
	return block.ret.tag == UHYVE_MKDIR_ERROR ? block.ret.error : -1;
}

void guest_main(void)
{
	TEST("UHY-MKDIR-018", "no NUL before the end of RAM") {
		expect_one_of(make_cut_off("/data/new", 9), UHYVE_EFAULT,
			      UHYVE_EINVAL);
		expect_one_of(make_cut_off("/data/new", 10), UHYVE_EFAULT,
			      UHYVE_EINVAL);
		expect_one_of(make_cut_off("/data/new", UINT64_MAX),
			      UHYVE_EFAULT, UHYVE_EINVAL);
	}
}
