/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "says nothing and exits with 0",
      requirements = ["UHY-OPEN-001", "UHY-OPEN-002"])

void guest_main(void)
{
	uhyve_exit(0);
}
