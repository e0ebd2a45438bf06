/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "private files are gone when the hypervisor has ended",
	tap = false,
	tmpdir = "tmp",
	after = [{ path = "tmp", no_files = true, id = "UHY-PATH-079" }],
	variants = {
		"exit" = { stdout = { text = "{response}\n", id = "UHY-PATH-079" } },
		"SIGTERM" = {
			after = [{ path = "tmp", no_files = true, id = "UHY-PATH-080" }],
			stdout = { text = "{response}\n", early = true, terminate = true,
				id = "UHY-PATH-080" }
		}
	}
)

void guest_main(void)
{
	int32_t fd = file_open("/private", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
	file_write(fd, "private", 7);
	file_open("/way/to/it", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
	say("%x", guest_response());
	if (guest_variant() == 0)
		uhyve_exit(0);
	for (;;)
		__asm__ volatile("" ::: "memory");
}
