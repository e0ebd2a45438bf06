/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the machine is switched off by a call of its firmware",
	arch = ["aarch64"],
	tap = false,
	stdout = { text = "{response}\nthen switches off", id = "UHY-EXIT-033" },
	status = { nonzero = true, id = "UHY-EXIT-034" }
)

#define PSCI_SYSTEM_OFF 0x84000008

void guest_main(void)
{
	say("%x", guest_response());
	console_write("then switches off", 17);
	register uint64_t x0 __asm__("x0") = PSCI_SYSTEM_OFF;
	__asm__ volatile("hvc #0" : "+r"(x0) : : "x1", "x2", "x3", "memory");
	uhyve_exit(0);
}
