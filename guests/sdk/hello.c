/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A guest that opens a file, writes it, reads it back and says so. */
#include "notes.h"
#include "start.h"
#include "wrappers.h"

UHYVE_NOTES(2)

int uhyve_main(const struct uhyve_boot_info *info)
{
	static const char text[] = "hello\n";
	char back[sizeof(text)] = "";
	int32_t fd =
		uhyve_open("/data/hello.txt",
			   UHYVE_O_CREAT | UHYVE_O_TRUNC | UHYVE_O_RDWR, 0644);
	(void)info;
	if (fd < 0) {
		uhyve_print("/data/hello.txt cannot be opened\n");
		return 1;
	}
	if (uhyve_write_all(fd, text, 6) != 6 ||
	    uhyve_lseek(fd, 0, UHYVE_SEEK_SET) != 0 ||
	    uhyve_read_file(fd, back, 6) != 6) {
		uhyve_print("/data/hello.txt cannot be written and read\n");
		return 2;
	}
	uhyve_close(fd);
	uhyve_print(back);
	return 0;
}
