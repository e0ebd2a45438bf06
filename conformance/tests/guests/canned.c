/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(summary = "a console that was recorded in another run",
      requirements = ["UHY-OPEN-001", "UHY-OPEN-002"])

void guest_main(void)
{
	say("TAP version 14\n1..2\n# response 0xe220a8397b1dcdaf");
	say("# begin UHY-OPEN-001\nok 1 - UHY-OPEN-001 holds");
	say("# begin UHY-OPEN-002\nok 2 - UHY-OPEN-002 holds, too");
	uhyve_exit(0);
}
