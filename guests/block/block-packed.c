/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "packed.h"

GUEST(
	summary = "packed blocks at odd addresses",
	files = { "data/in" = "0123456789abcdef" }
)

static uint8_t memory[64] __attribute__((aligned(8)));

void guest_main(void)
{
	samples_open();
	const struct uhyve_call_info *info;
	TEST("UHY-BLOCK-030", "packed blocks at eight alignments") {
		FOR_EACH_CALL_OF(2, info) {
			for (unsigned i = 0; i < 8 && is_packed(info); i++)
				sample_call(info, memory + i);
		}
	}
}
