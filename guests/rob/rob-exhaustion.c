/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "test.h"

GUEST(
	summary = "nothing is used up by calls that come and go",
	files = { "data/f" = "0123456789", "data/sub" = { dir = true } }
)

#define CREATE (UHYVE_O_CREAT | UHYVE_O_RDWR)

static const char *const failing[] = {"/data/none", "/data/f/x", "/data/sub",
				      "/data/none/x", "/"};

/*
 * As file_open, file_close and file_unlink without the bookkeeping of call().
 */
static int32_t open_at(const char *path, int32_t flags)
{
	struct uhyve_open_params block = {uhyve_gpa_of(path), flags, 0644,
					  UNANSWERED};
	uhyve_call_block(UHYVE_FILE_OPEN, &block);
	return block.ret;
}

static int32_t close_of(int32_t fd)
{
	struct uhyve_close_params block = {fd, UNANSWERED};
	uhyve_call_block(UHYVE_FILE_CLOSE, &block);
	return block.ret;
}

static int32_t unlink_at(const char *path)
{
	struct uhyve_unlink_params block = {uhyve_gpa_of(path), UNANSWERED};
	uhyve_call_block(UHYVE_FILE_UNLINK, &block);
	return block.ret;
}

void guest_main(void)
{
	int32_t fd = UNANSWERED, ret = 0;
	TEST("UHY-ROB-003", "2000 calls of FileOpen that fail") {
		for (int i = 0; i < 2000; i++) {
			fd = open_at(failing[i % 5], i % 5 == 2 ? UHYVE_O_WRONLY
								: UHYVE_O_EXCL);
			if (fd >= 3)
				close_of(fd);
		}
		for (int i = 0; i < 16; i++)
			expect_fd(file_open("/data/f", UHYVE_O_RDONLY, 0));
	}
	TEST("UHY-ROB-007", "the same call as ever") {
		fd = file_open("/data/f", UHYVE_O_RDONLY, 0);
		char found[4];
		expect_eq(file_read(fd, found, 4), 4);
		expect_bytes(found, "0123", 4);
		expect_eq(file_open("/data/none", UHYVE_O_RDONLY, 0),
			  -UHYVE_ENOENT);
		expect_eq(file_close(fd), 0);
	}
	TEST("UHY-ROB-005", "300 private files, one after the other") {
		for (int i = 0; i < 300 && ret == 0; i++) {
			fd = open_at("/private", CREATE | UHYVE_O_EXCL);
			ret = close_of(fd) | unlink_at("/private");
		}
		expect_fd(fd);
		expect_eq(ret, 0);
	}
}
