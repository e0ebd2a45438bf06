/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The calls of interface 3 as functions, and what Getdents stores. */
#include "dirs.h"

static int64_t failure(uint32_t tag, uint32_t error_tag, int32_t error)
{
	if (tag == UHYVE_RESULT_NONE)
		return UNANSWERED;
	if (tag != error_tag || error <= 0)
		return NONSENSE;
	return -error;
}

int64_t dir_read(int32_t fd, volatile void *buf, uint64_t len)
{
	static struct uhyve_getdents_params block;
	memset(&block, 0, sizeof(block));
	block.fd = fd;
	block.buf = uhyve_gpa_of(buf);
	block.len = len;
	call(UHYVE_GETDENTS, &block);
	if (block.ret.tag == UHYVE_GETDENTS_SUCCESS)
		return block.ret.len > 0 && block.ret.len <= len
			       ? (int64_t)block.ret.len
			       : NONSENSE;
	if (block.ret.tag == UHYVE_GETDENTS_END)
		return 0;
	return failure(block.ret.tag, UHYVE_GETDENTS_ERROR, block.ret.error);
}

int64_t dir_make(const char *path)
{
	static struct uhyve_mkdir_params block;
	memset(&block, 0, sizeof(block));
	block.path = uhyve_gpa_of(path);
	block.len = strlen(path) + 1;
	call(UHYVE_MKDIR, &block);
	if (block.ret.tag == UHYVE_MKDIR_SUCCESS)
		return 0;
	return failure(block.ret.tag, UHYVE_MKDIR_ERROR, block.ret.error);
}

int64_t file_stat(const char *path, uint32_t kind,
		  volatile struct uhyve_file_attr *attr)
{
	static struct uhyve_stat_params block;
	memset(&block, 0, sizeof(block));
	block.name = uhyve_gpa_of(path);
	block.kind = kind;
	block.attr = uhyve_gpa_of(attr);
	call(UHYVE_FILE_STAT, &block);
	if (block.ret.tag == UHYVE_STAT_SUCCESS)
		return 0;
	return failure(block.ret.tag, UHYVE_STAT_ERROR, block.ret.error);
}

int64_t file_fstat(int32_t fd, volatile struct uhyve_file_attr *attr)
{
	static struct uhyve_fstat_params block;
	memset(&block, 0, sizeof(block));
	block.fd = fd;
	block.attr = uhyve_gpa_of(attr);
	call(UHYVE_FILE_FSTAT, &block);
	if (block.ret.tag == UHYVE_STAT_SUCCESS)
		return 0;
	return failure(block.ret.tag, UHYVE_STAT_ERROR, block.ret.error);
}

bool dir_next(const uint8_t *buf, size_t len, size_t *at,
	      struct dir_entry *entry)
{
	size_t from = *at, n = 0;
	if (from >= len)
		return false;
	struct uhyve_dirent head;
	*at = SIZE_MAX;
	if (len - from < sizeof(head))
		return false;
	memcpy(&head, buf + from, sizeof(head));
	if (head.d_reclen < sizeof(head) || head.d_reclen > len - from)
		return false;
	size_t room = (size_t)head.d_reclen - UHYVE_DIRENT_NAME;
	entry->name = (const char *)buf + from + UHYVE_DIRENT_NAME;
	while (n < room && entry->name[n])
		n++;
	if (n == room)
		return false;
	entry->ino = head.d_ino;
	entry->size = head.d_reclen;
	entry->type = head.d_type;
	entry->name_len = n;
	*at = from + head.d_reclen;
	return true;
}

unsigned dir_count(int32_t fd, const char *name, size_t len)
{
	static uint8_t buf[1024] __attribute__((aligned(8)));
	unsigned count = 0;
	int64_t n;
	while ((n = dir_read(fd, buf, len)) > 0) {
		size_t at = 0;
		struct dir_entry entry;
		while (dir_next(buf, (size_t)n, &at, &entry))
			if (entry.name_len == strlen(name) &&
			    !memcmp(entry.name, name, entry.name_len))
				count++;
	}
	return count;
}
