/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "dirs.h"

GUEST(
	summary = "directories are created",
	needs = ["interface-3"],
	umask = "027",
	files = { "data/sub" = { dir = true } },
	after = [
		{ path = "data/new", type = "dir", id = "UHY-MKDIR-001" },
		{ path = "data/sub/new", type = "dir", id = "UHY-MKDIR-001" },
		{ path = "data/new", mode = "750", id = "UHY-MKDIR-004" },
		{ path = "data/new/f", content = "x", id = "UHY-MKDIR-008" },
		{ path = "data/len", type = "dir", id = "UHY-MKDIR-005" },
		{ path = "data/len0", type = "dir", id = "UHY-MKDIR-005" }
	]
)

static uint32_t tag_of(const char *path, uint64_t len)
{
	struct uhyve_mkdir_params block;
	memset(&block, 0, sizeof(block));
	block.path = uhyve_gpa_of(path);
	block.len = len;
	call(UHYVE_MKDIR, &block);
	return block.ret.tag;
}

void guest_main(void)
{
	int32_t fd = UNANSWERED;
	TEST("UHY-MKDIR-001", "in a mapped directory") {
		expect_eq(dir_make("/data/new"), 0);
		expect_eq(dir_make("/data/sub/new"), 0);
	}
	TEST("UHY-MKDIR-021", "it is empty") {
		static uint8_t buf[512];
		fd = file_open("/data/new", UHYVE_O_DIRECTORY, 0);
		expect_fd(fd);
		int64_t n;
		while ((n = dir_read(fd, buf, sizeof(buf))) > 0) {
			struct dir_entry entry;
			for (size_t at = 0;
			     dir_next(buf, (size_t)n, &at, &entry);)
				expect(entry.name_len <= 2 &&
				       !memcmp(entry.name, "..",
					       entry.name_len));
		}
		expect_eq(n, 0);
	}
	TEST("UHY-MKDIR-008", "a file in it") {
		fd = file_open("/data/new/f", UHYVE_O_CREAT | UHYVE_O_WRONLY,
			       0644);
		expect_fd(fd);
		expect_eq(file_write(fd, "x", 1), 1);
	}
	TEST("UHY-MKDIR-004", "permissions; the host looks") {
		expect_eq(dir_make("/data/new/mode"), 0);
	}
	TEST("UHY-MKDIR-005", "a length that is too large or too small") {
		expect_eq(tag_of("/data/len", UINT64_MAX), UHYVE_MKDIR_SUCCESS);
		expect_eq(tag_of("/data/len0", 0), UHYVE_MKDIR_SUCCESS);
	}
}
