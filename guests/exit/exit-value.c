/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the argument of Exit is not an address",
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-006" },
	status = { code = 64, id = "UHY-EXIT-006" }
)

static struct {
	uint8_t before[64];
	int32_t code;
} memory __attribute__((aligned(256)));

void guest_main(void)
{
	say("%x", guest_response());
	memory.code = 77;
	uhyve_call_block(UHYVE_EXIT, &memory.code);
}
