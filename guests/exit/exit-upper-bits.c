/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "only 32 bits of the argument are the code",
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-004" },
	status = { code = 42, id = "UHY-EXIT-004" },
	variants = ["bit-32", "bits-32-to-51"]
)

void guest_main(void)
{
	say("%x", guest_response());
	uhyve_call(UHYVE_EXIT,
		   42 | (guest_variant() ? 0xfffff00000000 : 0x100000000));
}
