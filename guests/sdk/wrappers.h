/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The calls as functions. A result is what the block holds after the call: a
 * count, a descriptor or 0, or a negative error number (-UHYVE_ENOENT). Calls of
 * interface 3 give the same, whatever their union says.
 *
 * Memory is mapped one to one at the start; a guest with page tables of its own
 * has to translate addresses itself.
 */
#ifndef UHYVE_SDK_WRAPPERS_H
#define UHYVE_SDK_WRAPPERS_H

#include <uhyve_interface/guest.h>

static inline void uhyve_print(const char *text)
{
	uint64_t len = 0;
	while (text[len])
		len++;
	struct uhyve_serial_write_params block = {len, uhyve_gpa_of(text)};
	uhyve_call_block(UHYVE_SERIAL_WRITE_BUFFER, &block);
}

static inline int32_t uhyve_open(const char *path, int32_t flags, int32_t mode)
{
	struct uhyve_open_params block = {uhyve_gpa_of(path), flags, mode,
					  -UHYVE_ENOSYS};
	uhyve_call_block(UHYVE_FILE_OPEN, &block);
	return block.ret;
}

static inline int32_t uhyve_close(int32_t fd)
{
	struct uhyve_close_params block = {fd, -UHYVE_ENOSYS};
	uhyve_call_block(UHYVE_FILE_CLOSE, &block);
	return block.ret;
}

/* May give less than len; 0 is the end of the file. */
static inline int64_t uhyve_read_file(int32_t fd, void *to, uint64_t len)
{
	struct uhyve_read_params block = {
		len, -UHYVE_ENOSYS, uhyve_gpa_of(to), fd, {0}};
	uhyve_call_block(UHYVE_FILE_READ, &block);
	return block.ret;
}

/* May write less than len: call it again with the rest, as uhyve_write_all does. */
static inline int64_t uhyve_write_file(int32_t fd, const void *from,
				       uint64_t len)
{
	struct uhyve_write_params block = {
		len, -UHYVE_ENOSYS, uhyve_gpa_of(from), fd, {0}};
	uhyve_call_block(UHYVE_FILE_WRITE, &block);
	return block.ret;
}

/* All of it: len, or a negative error number. */
static inline int64_t uhyve_write_all(int32_t fd, const void *from,
				      uint64_t len)
{
	const char *at = (const char *)from;
	uint64_t done = 0;

	while (done < len) {
		int64_t n = uhyve_write_file(fd, at + done, len - done);
		if (n <= 0)
			return n ? n : -UHYVE_EIO;
		done += (uint64_t)n;
	}
	return (int64_t)len;
}

static inline int64_t uhyve_lseek(int32_t fd, int64_t offset, uint32_t whence)
{
	struct uhyve_lseek_params block = {offset, whence, fd};
	uhyve_call_block(UHYVE_FILE_LSEEK, &block);
	return block.offset;
}

static inline int32_t uhyve_unlink(const char *path)
{
	struct uhyve_unlink_params block = {uhyve_gpa_of(path), -UHYVE_ENOSYS};
	uhyve_call_block(UHYVE_FILE_UNLINK, &block);
	return block.ret;
}

/* Bytes of struct uhyve_dirent records at to; 0 at the end of the directory. */
static inline int64_t uhyve_getdents(int32_t fd, void *to, uint64_t len)
{
	struct uhyve_getdents_params block = {
		fd, {0}, uhyve_gpa_of(to), len, {UHYVE_RESULT_NONE, {0}, {0}}};
	uhyve_call_block(UHYVE_GETDENTS, &block);
	switch (block.ret.tag) {
	case UHYVE_GETDENTS_SUCCESS:
		return (int64_t)block.ret.len;
	case UHYVE_GETDENTS_END:
		return 0;
	case UHYVE_GETDENTS_ERROR:
		return -(int64_t)block.ret.error;
	default:
		return -UHYVE_ENOSYS;
	}
}

/* kind is UHYVE_STAT_FOLLOW or UHYVE_STAT_NOFOLLOW. */
static inline int32_t uhyve_stat(const char *path, uint32_t kind,
				 struct uhyve_file_attr *to)
{
	struct uhyve_stat_params block = {uhyve_gpa_of(path),
					  kind,
					  {0},
					  uhyve_gpa_of(to),
					  {UHYVE_RESULT_NONE, 0}};
	uhyve_call_block(UHYVE_FILE_STAT, &block);
	return block.ret.tag == UHYVE_STAT_SUCCESS ? 0
	       : block.ret.tag == UHYVE_STAT_ERROR ? -block.ret.error
						   : -UHYVE_ENOSYS;
}

static inline int32_t uhyve_fstat(int32_t fd, struct uhyve_file_attr *to)
{
	struct uhyve_fstat_params block = {
		fd, {0}, uhyve_gpa_of(to), {UHYVE_RESULT_NONE, 0}};
	uhyve_call_block(UHYVE_FILE_FSTAT, &block);
	return block.ret.tag == UHYVE_STAT_SUCCESS ? 0
	       : block.ret.tag == UHYVE_STAT_ERROR ? -block.ret.error
						   : -UHYVE_ENOSYS;
}

static inline int32_t uhyve_mkdir(const char *path)
{
	uint64_t len = 1;
	while (path[len - 1])
		len++;
	struct uhyve_mkdir_params block = {
		uhyve_gpa_of(path), len, {UHYVE_RESULT_NONE, 0}};
	uhyve_call_block(UHYVE_MKDIR, &block);
	return block.ret.tag == UHYVE_MKDIR_SUCCESS ? 0
	       : block.ret.tag == UHYVE_MKDIR_ERROR ? -block.ret.error
						    : -UHYVE_ENOSYS;
}

#endif
