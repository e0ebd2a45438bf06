/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The tables of the chapter, byte by byte and not through the header. */
#include "raw.h"

GUEST(
	summary = "layouts of the blocks of the file calls",
	files = { "data/gone" = "" },
	after = [{ path = "data/new", mode = "0640", id = "UHY-BLOCK-006" }],
	umask = "0"
)

void guest_main(void)
{
	static uint8_t buffer[16];
	static uint8_t block[64] __attribute__((aligned(8)));
	int32_t fd = -1;
	TEST("UHY-BLOCK-006", "FileOpen: name 0, flags 8, mode 12, ret 16") {
		put(block, 0, 8, address("/data/new"));
		put(block, 8, 4, 0x40 | 0x80 | 0x2);
		put(block, 12, 4, 0640);
		put(block, 16, 4, 0x5a5a5a5a);
		call(0x1110, block);
		expect_fd(fd = (int32_t)get(block, 16, 4));
		call(0x1110, block);
		expect_eq((int32_t)get(block, 16, 4), -17);
	}
	TEST("UHY-BLOCK-004", "FileWrite: len 0, ret 8, buf 16, fd 24") {
		uint64_t done = 0, n;
		do {
			put(block, 0, 8, 6 - done);
			put(block, 8, 8, 0x5a5a5a5a5a5a5a5a);
			put(block, 16, 8, address(&"fedcba"[done]));
			put(block, 24, 4, (uint32_t)fd);
			call(0x1100, block);
			n = get(block, 8, 8);
			done += n;
		} while (expect_between(n, 1, 6) && done < 6);
		expect_eq(done, 6);
	}
	TEST("UHY-BLOCK-008", "FileLseek: offset 0, whence 8, fd 12") {
		put(block, 0, 8, (uint64_t)-4);
		put(block, 8, 4, 2);
		put(block, 12, 4, (uint32_t)fd);
		call(0x1140, block);
		expect_eq(get(block, 0, 8), 2);
	}
	TEST("UHY-BLOCK-005", "FileRead: len 0, ret 8, buf 16, fd 24") {
		put(block, 0, 8, 3);
		put(block, 8, 8, 0x5a5a5a5a5a5a5a5a);
		put(block, 16, 8, address(buffer));
		put(block, 24, 4, (uint32_t)fd);
		call(0x1130, block);
		expect_eq(get(block, 8, 8), 3);
		expect_bytes(buffer, "dcb\0", 4);
	}
	TEST("UHY-BLOCK-001", "5 GiB in the bytes 00 00 00 40 01 00 00 00") {
		static const uint8_t five_gib[8] = {0, 0, 0, 0x40, 1, 0, 0, 0};
		memcpy(block, five_gib, 8);
		put(block, 8, 4, 0);
		put(block, 12, 4, (uint32_t)fd);
		call(0x1140, block);
		expect_bytes(block, five_gib, 8);
		expect_eq(file_lseek(fd, 0, UHYVE_SEEK_CUR), 0x140000000);
	}
	TEST("UHY-BLOCK-007", "FileClose: fd 0, ret 4") {
		put(block, 0, 4, (uint32_t)fd);
		put(block, 4, 4, 0x5a5a5a5a);
		call(0x1120, block);
		expect_eq(get(block, 4, 4), 0);
		call(0x1120, block);
		expect_eq((int32_t)get(block, 4, 4), -9);
	}
	TEST("UHY-BLOCK-009", "FileUnlink: name 0, ret 8") {
		put(block, 0, 8, address("/data/gone"));
		put(block, 8, 4, 0x5a5a5a5a);
		call(0x1150, block);
		expect_eq(get(block, 8, 4), 0);
		call(0x1150, block);
		expect_eq((int32_t)get(block, 8, 4), -2);
	}
}
