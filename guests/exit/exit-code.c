/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "the host's status is the low 8 bits of the code",
	also = [3],
	tap = false,
	stdout = { text = "{response}\n", id = "UHY-EXIT-002" },
	variants = {
		"0" = { status = { code = 0, id = "UHY-EXIT-003" } },
		"1" = { status = { code = 1, id = "UHY-EXIT-003" } },
		"42" = { status = { code = 42, id = "UHY-EXIT-003" } },
		"99" = { status = { code = 99, id = "UHY-EXIT-003" } },
		"255" = { status = { code = 255, id = "UHY-EXIT-003" } },
		"256" = { status = { code = 0, id = "UHY-EXIT-003" } },
		"298" = { status = { code = 42, id = "UHY-EXIT-003" } },
		"minus-1" = { status = { code = 255, id = "UHY-EXIT-003" } },
		"minus-214" = { status = { code = 42, id = "UHY-EXIT-003" } },
		"INT_MIN" = { status = { code = 0, id = "UHY-EXIT-003" } },
		"INT_MAX" = { status = { code = 255, id = "UHY-EXIT-003" } }
	}
)

void guest_main(void)
{
	const int32_t codes[] = {0,   1,  42,   99,        255,      256,
				 298, -1, -214, INT32_MIN, INT32_MAX};
	say("%x", guest_response());
	uhyve_exit(FOR_VARIANT(codes));
	say("still alive");
	uhyve_exit(1);
}
