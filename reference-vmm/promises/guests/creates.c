/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Creates /m/new, writes to it and reads it back; 42. */
#include "test.h"

GUEST(summary = "creates a file", tap = false)

void guest_main(void)
{
	static char back[4];

	if (file_open("/m/new", UHYVE_O_RDONLY, 0) != -UHYVE_ENOENT)
		uhyve_exit(1);
	int32_t fd = file_open("/m/new", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
	if (fd < 3)
		uhyve_exit(2);
	if (file_write(fd, "made", 4) != 4 || file_lseek(fd, 0, 0) != 0 ||
	    file_read(fd, back, 4) != 4)
		uhyve_exit(3);
	uhyve_exit(42);
}
