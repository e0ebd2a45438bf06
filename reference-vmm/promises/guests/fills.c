/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writes a private file until there is no more room, and reads back what it has. */
#include "test.h"

GUEST(summary = "fills private storage with bytes", tap = false)

#define CHUNK 65536
#define MOST 1024 /* chunks: a gigabyte */

static uint8_t bytes[CHUNK];

void guest_main(void)
{
	int32_t fd = file_open("/full", UHYVE_O_CREAT | UHYVE_O_RDWR, 0600);
	int64_t n = 0, written = 0, read = 0;

	if (fd < 3)
		uhyve_exit(1);
	memset(bytes, 0x5a, CHUNK);
	for (unsigned i = 0; i < MOST && n >= 0; i++) {
		n = file_write(fd, bytes, CHUNK);
		written += n > 0 ? n : 0;
	}
	if (n != -UHYVE_ENOSPC || written == 0)
		uhyve_exit(2);
	if (file_lseek(fd, 0, UHYVE_SEEK_SET) != 0)
		uhyve_exit(3);
	while ((n = file_read(fd, bytes, CHUNK)) > 0) {
		/* Not each byte: a nested guest is slow. */
		if (bytes[0] != 0x5a || bytes[n - 1] != 0x5a)
			uhyve_exit(4);
		bytes[0] = bytes[n - 1] = 0;
		read += n;
	}
	uhyve_exit(n == 0 && read == written ? 42 : 5);
}
