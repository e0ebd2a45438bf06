/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rob-blocks.h"

GUEST(
	summary = "blocks of any content leave the guest running",
	requirements = ["UHY-ROB-001"],
	variants = ["open", "close", "read", "write", "lseek", "unlink"],
	files = { "data/f" = "0123456789" },
	after = [
		{ path = "data/f", content = "0123456789", id = "UHY-ROB-001" }
	]
)

/* The number of a call, and behind which byte its descriptor is. */
static const struct {
	uint16_t number;
	unsigned fd_offset;
} calls[] = {
	{UHYVE_FILE_OPEN, 0},   {UHYVE_FILE_CLOSE, 1},  {UHYVE_FILE_READ, 25},
	{UHYVE_FILE_WRITE, 25}, {UHYVE_FILE_LSEEK, 13}, {UHYVE_FILE_UNLINK, 0},
};

void guest_main(void)
{
	char found[16];
	plan(1);
	TEST("UHY-ROB-001", "150 blocks, and then an ordinary call") {
		rob_calls(calls[guest_variant()].number,
			  calls[guest_variant()].fd_offset);
		int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
		expect_fd(fd);
		expect_eq(file_read(fd, found, 16), 10);
	}
}
