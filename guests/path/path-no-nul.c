/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a path without a NUL before the end of RAM",
	files = { "data/f" = "" }
)

/* text without its NUL as the last bytes of RAM. */
static const char *cut_off(const char *text)
{
	size_t len = strlen(text);
	return memcpy(ram_tail(len), text, len);
}

void guest_main(void)
{
	TEST("UHY-PATH-004", "no NUL before the end of RAM") {
		expect_one_of(file_open(cut_off("/data/f"), UHYVE_O_RDONLY, 0),
			      -UHYVE_EFAULT, -UHYVE_EINVAL);
		expect_one_of(file_open(cut_off("/"), UHYVE_O_RDONLY, 0),
			      -UHYVE_EFAULT, -UHYVE_EINVAL);
	}
}
