/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "two mappings of one guest path",
	refused = { id = "UHY-PATH-102" },
	tap = false,
	mappings = { "/data" = "data", "/data/." = "other" },
	files = { "data/f" = "1", "other/f" = "2" }
)

void guest_main(void)
{
	say("%x", guest_response());
	uhyve_exit(0);
}
