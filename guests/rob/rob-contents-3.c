/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "rob-blocks.h"

GUEST(
	summary = "blocks of interface 3 of any content leave the guest running",
	requirements = ["UHY-ROB-002"],
	needs = ["interface-3"],
	variants = ["getdents", "stat", "fstat", "mkdir"],
	files = { "data/f" = "0123456789" }
)

static const struct {
	uint16_t number;
	unsigned fd_offset;
} calls[] = {
	{UHYVE_GETDENTS, 1},
	{UHYVE_FILE_STAT, 0},
	{UHYVE_FILE_FSTAT, 1},
	{UHYVE_MKDIR, 0},
};

void guest_main(void)
{
	char found[16];
	plan(1);
	TEST("UHY-ROB-002", "150 blocks, and then an ordinary call") {
		file_open("/data", UHYVE_O_DIRECTORY, 0);
		file_open("/data/f", UHYVE_O_RDONLY, 0);
		rob_calls(calls[guest_variant()].number,
			  calls[guest_variant()].fd_offset);
		int32_t fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
		expect_fd(fd);
		expect_eq(file_read(fd, found, 16), 10);
	}
}
