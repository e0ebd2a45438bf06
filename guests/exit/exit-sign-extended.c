/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a code that was sign-extended to 64 bits",
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-005" },
	status = { code = 42, id = "UHY-EXIT-005" },
	variants = ["negative", "bit-52", "bit-63"]
)

void guest_main(void)
{
	const uint64_t arguments[] = {(uint64_t)-214, 42 | 1ull << 52,
				      42 | 1ull << 63};
	say("%x", guest_response());
	uhyve_call(UHYVE_EXIT, FOR_VARIANT(arguments));
}
