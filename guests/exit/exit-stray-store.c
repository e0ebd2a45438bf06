/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a store of physical memory that is not there",
	requirements = ["UHY-EXIT-031"]
)

void guest_main(void)
{
	volatile uint64_t *stray = (volatile uint64_t *)(uintptr_t)ram_end();
	plan(1);
	map_ram(ram_end(), 8);
	TEST("UHY-EXIT-031", "the first address behind RAM") {
		test_may_end();
		*stray = 1;
		test_went_on();
		expect(true);
	}
}
