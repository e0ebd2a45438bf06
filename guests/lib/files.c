/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The file calls as functions. Blocks are static, so that a failed expectation
 * can still show the last one.
 */
#include "test.h"

int32_t file_open(const char *path, int32_t flags, int32_t mode)
{
	static struct uhyve_open_params block;
	block = (struct uhyve_open_params){uhyve_gpa_of(path), flags, mode,
					   UNANSWERED};
	call(UHYVE_FILE_OPEN, &block);
	return block.ret;
}

int32_t file_close(int32_t fd)
{
	static struct uhyve_close_params block;
	block = (struct uhyve_close_params){fd, UNANSWERED};
	call(UHYVE_FILE_CLOSE, &block);
	return block.ret;
}

int64_t file_read(int32_t fd, volatile void *buf, uint64_t len)
{
	static struct uhyve_read_params block;
	block = (struct uhyve_read_params){
		len, UNANSWERED, uhyve_gpa_of(buf), fd, {0}};
	call(UHYVE_FILE_READ, &block);
	return block.ret;
}

int64_t file_write_some(int32_t fd, const volatile void *buf, uint64_t len)
{
	static struct uhyve_write_params block;
	block = (struct uhyve_write_params){
		len, UNANSWERED, uhyve_gpa_of(buf), fd, {0}};
	call(UHYVE_FILE_WRITE, &block);
	return block.ret;
}

int64_t file_write(int32_t fd, const volatile void *buf, uint64_t len)
{
	const volatile uint8_t *rest = buf;
	uint64_t done = 0;
	for (;;) {
		int64_t n = file_write_some(fd, rest + done, len - done);
		if (n <= 0 || (uint64_t)n > len - done)
			return done && n <= 0 ? (int64_t)done : n;
		done += (uint64_t)n;
		if (done == len)
			return (int64_t)done;
	}
}

int64_t file_lseek(int32_t fd, int64_t offset, uint32_t whence)
{
	static struct uhyve_lseek_params block;
	block = (struct uhyve_lseek_params){offset, whence, fd};
	call(UHYVE_FILE_LSEEK, &block);
	return block.offset;
}

int32_t file_unlink(const char *path)
{
	static struct uhyve_unlink_params block;
	block = (struct uhyve_unlink_params){uhyve_gpa_of(path), UNANSWERED};
	call(UHYVE_FILE_UNLINK, &block);
	return block.ret;
}

void expect_content(const char *path, const char *text)
{
	char found[16] = "";
	const size_t len = strlen(text);
	int32_t fd = file_open(path, UHYVE_O_RDONLY, 0);
	expect_fd(fd);
	if (fd > 0 && expect_eq(file_read(fd, found, len), len))
		expect_bytes(found, text, len);
}
