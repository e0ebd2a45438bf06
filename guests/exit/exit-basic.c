/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "Exit ends the virtual machine with a status",
	foundation = true,
	probe = "interface-2",
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-001" },
	status = { code = 42, id = "UHY-EXIT-003" }
)

void guest_main(void)
{
	say("%x", guest_response());
	uhyve_exit(42);
	say("still alive");
	uhyve_exit(1);
}
