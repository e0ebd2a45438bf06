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

static int32_t create(const char *path)
{
	return file_open(path, UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
}

void guest_main(void)
{
	/* More names than the host lists at once, some of them directories. */
	static char path[] = "/many/00______________________________________"
			     "______________________________________________"
			     "______________________________________________"
			     "______________________________________________/f";
	int32_t fd = create("/private");
	file_write(fd, "private", 7);
	create("/way/to/it");
	for (int i = 0; i < 48; i++) {
		path[6] = (char)('0' + i / 10);
		path[7] = (char)('0' + i % 10);
		path[sizeof(path) - 3] = i % 8 ? '_' : '/';
		file_close(create(path));
	}
	say("%x", guest_response());
	if (guest_variant() == 0)
		uhyve_exit(0);
	for (;;)
		__asm__ volatile("" ::: "memory");
}
