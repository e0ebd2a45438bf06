/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a load of physical memory that is not there",
	requirements = ["UHY-EXIT-032"]
)

void guest_main(void)
{
	volatile uint64_t *stray = (volatile uint64_t *)(uintptr_t)ram_end();
	plan(1);
	map_ram(ram_end(), 8);
	TEST("UHY-EXIT-032", "the first address behind RAM") {
		test_may_end();
		(void)*stray;
		test_went_on();
		expect(true);
	}
}
