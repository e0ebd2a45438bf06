/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a store to absent physical memory",
	variants = {
		"beyond RAM" = {}, "3 GiB" = {}, "64 GiB" = {},
		"where a PC has devices" = {}
	}
)

void guest_main(void)
{
	const uint64_t places[] = {ram_end(), 3ull << 30, 64ull << 30,
				   0xfe000000};
	const uint64_t place = FOR_VARIANT(places);
	volatile uint64_t *stray = (volatile uint64_t *)(uintptr_t)place;
	map_ram(place, 8);
	TEST("UHY-EXIT-031", "outside RAM, and no device") {
		test_may_end();
		*stray = 1;
		test_went_on();
		expect(true);
	}
}
