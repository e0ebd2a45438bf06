/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fields.h"

GUEST(
	summary = "probes for the calls of interface 3",
	probe = "interface-3",
	files = { "data/in" = "0123456789abcdef" }
)

void guest_main(void)
{
	static uint64_t block[MAX_BLOCK / 8];
	samples_open();
	const struct uhyve_call_info *info;
	TEST("UHY-VER-006", "each of them succeeds") {
		FOR_EACH_CALL_OF(3, info) {
			sample_call(info, block);
		}
	}
}
