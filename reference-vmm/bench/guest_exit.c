/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Ends at once: what starting and ending a machine costs. */
#include "test.h"

GUEST(summary = "ends at once", tap = false)

void guest_main(void)
{
	uhyve_exit(0);
}
