/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "of two mappings that nest, the inner one has its names",
	requirements = ["UHY-PATH-101"],
	needs = ["nested-mappings"],
	files = {
		"data/f" = "outer", "data/in/f" = "hidden", "data/inn/f" = "beside",
		"inner/f" = "inner"
	},
	mappings = { "/data/in" = "inner", "/data" = "data" }
)

static void expect_content(const char *path, const char *text)
{
	char found[8] = "";
	int32_t fd = file_open(path, UHYVE_O_RDONLY, 0);
	expect_fd(fd);
	if (fd > 0) {
		file_read(fd, found, strlen(text));
		expect_bytes(found, text, strlen(text));
	}
}

void guest_main(void)
{
	plan(1);
	TEST("UHY-PATH-101", "inside, outside and beside") {
		expect_content("/data/in/f", "inner");
		expect_content("/data/f", "outer");
		expect_content("/data/inn/f", "beside");
	}
}
