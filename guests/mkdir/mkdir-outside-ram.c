/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "Mkdir of a path whose address lies outside RAM",
	needs = ["interface-3"],
	variants = ["null", "behind"]
)

static int64_t make_at(uint64_t gpa)
{
	struct uhyve_mkdir_params block;
	memset(&block, 0, sizeof(block));
	block.path.addr = gpa;
	block.len = 16;
	call(UHYVE_MKDIR, &block);
	return block.ret.tag == UHYVE_MKDIR_ERROR ? block.ret.error : -1;
}

void guest_main(void)
{
	TEST("UHY-MKDIR-017", "the address of a path is not in RAM") {
		expect_eq(make_at(guest_variant() ? ram_end() : 0),
			  UHYVE_EFAULT);
	}
}
