/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "a console that takes no buffer",
	tap = false,
	console_full = true,
	status = { code = 42, id = "UHY-SWBUF-012" }
)

void guest_main(void)
{
	console_write("two\nlines\n", 10);
	console_write("and a part", 10);
	uhyve_exit(42);
}
