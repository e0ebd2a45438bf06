/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "output without a newline, file data and open descriptors at Exit",
	tap = false,
	stdout = { text = "{response}\nbyte, buffer, descriptor", id = "UHY-EXIT-020" },
	status = { code = 42, id = "UHY-EXIT-022" },
	after = [{ path = "data/out", content = "still open", id = "UHY-EXIT-021" }]
)

void guest_main(void)
{
	int32_t fd =
		file_open("/data/out", UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644);
	say("%x", guest_response());
	for (const char *c = "byte, "; *c; c++)
		uhyve_call(UHYVE_SERIAL_WRITE_BYTE, (uint8_t)*c);
	console_write("buffer, ", 8);
	file_write(1, "descriptor", 10);
	file_open("/data/out", UHYVE_O_RDONLY, 0);
	uhyve_exit(file_write(fd, "still open", 10) == 10 ? 42 : 1);
}
