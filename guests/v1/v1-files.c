/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#define GUEST_INTERFACE 1
#include "v1.h"

GUEST(
	summary = "the file calls of version 1",
	needs = ["interface-1"],
	files = { "data/in" = "0123456789abcdef", "data/gone" = "" },
	after = [{ path = "data/out", content = "written by version 1", id = "UHY-V1-008" },
		{ path = "data/gone", absent = true, id = "UHY-V1-007" }]
)

void guest_main(void)
{
	static char buffer[8192];
	int32_t fd = -1;
	TEST("UHY-V1-001", "the address of the block is in EAX or X8") {
		expect_eq(v1_close(4711), -UHYVE_EBADF);
	}
	TEST("UHY-V1-007", "FileOpen, FileClose and FileUnlink") {
		expect_eq(v1_open("/data/none", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_fd(fd = v1_open("/data/in", UHYVE_O_RDONLY, 0));
		expect_eq(v1_close(fd), 0);
		expect_eq(v1_close(fd), -UHYVE_EBADF);
		expect_eq(v1_unlink("/data/gone"), 0);
		expect_eq(v1_unlink("/data/gone"), -UHYVE_ENOENT);
	}
	TEST("UHY-V1-008", "FileWrite, across a page") {
		fd = v1_open("/data/out", UHYVE_O_CREAT | UHYVE_O_RDWR, 0644);
		char *text = buffer + 4096 - (uintptr_t)buffer % 4096 - 5;
		memcpy(text, "written by version 1", 20);
		v1_write(fd, text, 0);
		v1_write(fd, text, 19);
		v1_write(fd, text + 19, 1);
		expect_eq(v1_lseek(fd, 0, UHYVE_SEEK_CUR), 20);
	}
	TEST("UHY-V1-010", "FileLseek") {
		expect_eq(v1_lseek(fd, 3, UHYVE_SEEK_SET), 3);
		expect_eq(v1_lseek(fd, -1, UHYVE_SEEK_END), 19);
		expect_eq(v1_lseek(fd, -20, UHYVE_SEEK_END), 0);
	}
	TEST("UHY-V1-011", "FileLseek that fails") {
		expect_eq(v1_lseek(4711, 0, UHYVE_SEEK_SET), -1);
		expect_eq(v1_lseek(fd, -5, UHYVE_SEEK_SET), -1);
	}
	TEST("UHY-V1-009", "FileRead") {
		v1_lseek(fd, 0, UHYVE_SEEK_SET);
		memset(buffer, 0, 64);
		expect_eq(v1_read(fd, buffer, 64), 20);
		expect_bytes(buffer, "written by version 1\0", 21);
		expect_eq(v1_read(fd, buffer, 0), 0);
		/* One byte on the last page. */
		char *split = buffer + 4096 - (uintptr_t)buffer % 4096 - 19;
		v1_lseek(fd, 0, UHYVE_SEEK_SET);
		memset(split, 0, 21);
		expect_eq(v1_read(fd, split, 20), 20);
		expect_bytes(split, "written by version 1\0", 21);
		v1_lseek(fd, 8, UHYVE_SEEK_SET);
		expect_eq(v1_read(fd, buffer, 1), 1);
		expect_bytes(buffer, "br", 2);
	}
	TEST("UHY-V1-017", "network calls of the past") {
		v1_call_block(UHYVE_V1_NETWRITE, buffer);
		v1_call_block(UHYVE_V1_NETREAD, buffer);
		v1_call_block(UHYVE_V1_NETSTAT, buffer);
		expect(true);
	}
}
