/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "of two mappings that nest, the inner one has its names",
	needs = ["nested-mappings"],
	files = {
		"data/f" = "outer", "data/in/f" = "hidden", "data/inn/f" = "beside",
		"inner/f" = "inner"
	},
	mappings = { "/data/in" = "inner", "/data" = "data" }
)

void guest_main(void)
{
	TEST("UHY-PATH-101", "inside, outside and beside") {
		expect_content("/data/in/f", "inner");
		expect_content("/data/f", "outer");
		expect_content("/data/inn/f", "beside");
	}
}
