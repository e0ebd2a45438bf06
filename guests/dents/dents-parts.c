/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "a directory is listed in parts",
	needs = ["interface-3"],
	files = {
		"data/d/a" = "", "data/d/b" = "", "data/d/c" = "",
		"data/d/a-name-of-forty-bytes-with-its-nul-here" = ""
	}
)

#define LONG "a-name-of-forty-bytes-with-its-nul-here"

static uint8_t buf[512] __attribute__((aligned(8)));

static void rewind(int32_t fd)
{
	expect_eq(file_lseek(fd, 0, UHYVE_SEEK_SET), 0);
}

void guest_main(void)
{
	int64_t n;
	int32_t fd = file_open("/data/d", UHYVE_O_DIRECTORY, 0);
	int32_t other = file_open("/data/d", UHYVE_O_DIRECTORY, 0);
	TEST("UHY-DENTS-005", "one record at a time, each entry once") {
		expect_eq(dir_count(fd, "b", 72), 1);
	}
	TEST("UHY-DENTS-014", "from the beginning again") {
		/* Another position means nothing, and is an error or not. */
		file_lseek(fd, 0, UHYVE_SEEK_CUR);
		rewind(fd);
		expect_eq(dir_count(fd, "a", 72), 1);
		rewind(fd);
		expect_eq(dir_count(fd, "c", sizeof(buf)), 1);
		rewind(fd);
		expect_eq(dir_count(fd, LONG, 64), 1);
	}
	TEST("UHY-DENTS-013", "another descriptor") {
		expect_eq(dir_count(other, "a", 512), 1);
	}
	TEST("UHY-DENTS-020", "too small for the next record") {
		rewind(fd);
		expect_eq(dir_read(fd, buf, 1), -UHYVE_EINVAL);
		expect_eq(dir_read(fd, buf, 23), -UHYVE_EINVAL);
		/* Up to the long name, which needs 64 bytes. */
		do
			n = dir_read(fd, buf, 32);
		while (n > 0);
		expect_eq(n, -UHYVE_EINVAL);
	}
	TEST("UHY-DENTS-027", "length 0") {
		expect_eq(dir_read(fd, buf, 0), -UHYVE_EINVAL);
	}
	TEST("UHY-DENTS-021", "nothing is lost by that") {
		expect_eq(dir_count(fd, LONG, 64), 1);
	}
	TEST("UHY-DENTS-023", "buffers of every alignment") {
		for (size_t i = 1; i < 8; i++) {
			struct dir_entry entry;
			size_t at = 0, stored, names = 0;
			rewind(fd);
			memset(buf, 0xee, sizeof(buf));
			stored = 0;
			while ((n = dir_read(fd, buf + i + stored,
					     sizeof(buf) - 8 - stored)) > 0)
				stored += (size_t)n;
			expect_eq(n, 0);
			while (dir_next(buf + i, stored, &at, &entry))
				names++;
			expect_eq(at, stored);
			expect_between(names, 4, 6);
			expect_filled(buf, 0xee, i);
		}
	}
	TEST("UHY-DENTS-024", "at the end of RAM") {
		uint8_t *last = ram_tail(64);
		rewind(fd);
		expect_between(dir_read(fd, last, 64), 24, 64);
		rewind(fd);
		expect_between(dir_read(fd, last + 61, 3), -UHYVE_EINVAL,
			       -UHYVE_EINVAL);
	}
	TEST("UHY-DENTS-028", "the inputs in the block stay") {
		struct uhyve_getdents_params block;
		rewind(fd);
		memset(&block, 0, sizeof(block));
		block.fd = fd;
		block.buf = uhyve_gpa_of(buf);
		block.len = sizeof(buf);
		call(UHYVE_GETDENTS, &block);
		expect_eq(block.ret.tag, UHYVE_GETDENTS_SUCCESS);
		expect_eq(block.fd, fd);
		expect_eq(block.buf.addr, uhyve_gpa_of(buf).addr);
		expect_eq(block.len, sizeof(buf));
	}
}
