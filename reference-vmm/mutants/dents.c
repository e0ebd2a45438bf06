/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Getdents. */
#include "file.h"

static struct uhyve_getdents_params *params(struct call *call)
{
	return &call->block.getdents_params;
}

static bool success(const struct call *call)
{
	return call->block.getdents_params.ret.tag == UHYVE_GETDENTS_SUCCESS;
}

static void fail(struct call *call, int32_t error)
{
	params(call)->ret.tag = UHYVE_GETDENTS_ERROR;
	params(call)->ret.error = error;
}

/* Defines name: an error becomes another one where condition holds. */
#define DENTS_FAILS(name, id, what, condition, error_, ...)                    \
	HANDLER(DENTS, name, id, what, ##__VA_ARGS__)                          \
	{                                                                      \
		enum call_outcome outcome = original(call);                    \
		struct uhyve_getdents_params *p = params(call);                \
		const bool failed = p->ret.tag == UHYVE_GETDENTS_ERROR;        \
		const int32_t error = failed ? p->ret.error : 0;               \
		(void)error;                                                   \
		if (condition)                                                 \
			fail(call, error_);                                    \
		return outcome;                                                \
	}

/* Defines name: EndOfDirectory where condition holds. */
#define DENTS_ENDS(name, id, what, condition, ...)                             \
	HANDLER(DENTS, name, id, what, ##__VA_ARGS__)                          \
	{                                                                      \
		enum call_outcome outcome = original(call);                    \
		struct uhyve_getdents_params *p = params(call);                \
		const int32_t error =                                          \
			p->ret.tag == UHYVE_GETDENTS_ERROR ? p->ret.error : 0; \
		(void)error;                                                   \
		if (condition)                                                 \
			p->ret.tag = UHYVE_GETDENTS_END;                       \
		return outcome;                                                \
	}

/* The records of this call; NULL at the end. */
static uint8_t *record_at(struct call *call, uint64_t at)
{
	const struct uhyve_getdents_params *p = params(call);
	uint8_t *buf = success(call) ? gmem_at(&call->services->mem, p->buf,
					       p->ret.len)
				     : NULL;

	return buf && at < p->ret.len ? buf + at : NULL;
}

static uint16_t size_of(const uint8_t *record)
{
	uint16_t size;

	memcpy(&size, record + 16, 2);
	return size;
}

static char *name_in(uint8_t *record)
{
	return (char *)record + UHYVE_DIRENT_NAME;
}

#define EACH_RECORD(call, record)                                              \
	for (uint8_t *record = record_at(call, 0), *first_ = record; record;   \
	     record = record_at(call, (uint64_t)(record - first_) +            \
					      size_of(record)))

AFTER(DENTS, "dents-count-0", "UHY-DENTS-001", "Success counts 0")
{
	if (success(call))
		params(call)->ret.len = 0;
}

AFTER(DENTS, "dents-count-large", "UHY-DENTS-002", "the count is one too large")
{
	if (success(call) && params(call)->ret.len < params(call)->len)
		params(call)->ret.len++;
}

DENTS_FAILS("dents-end-enoent", "UHY-DENTS-003", "ENOENT at the end",
	    p->ret.tag == UHYVE_GETDENTS_END, UHYVE_ENOENT)

AFTER(DENTS, "dents-end-rewinds", "UHY-DENTS-004",
      "after the end, it begins again")
{
	if (params(call)->ret.tag == UHYVE_GETDENTS_END)
		files_lseek(files_of(call), params(call)->fd, 0, SEEK_SET);
}

/* Only the first record counts, and the rest is not given again. */
HANDLER(DENTS, "dents-one-a-call", "UHY-DENTS-005",
	"records after the first are lost")
{
	original(call);
	uint8_t *first = record_at(call, 0);
	if (first)
		params(call)->ret.len = size_of(first);
	return CALL_RESUME;
}

HANDLER(DENTS, "dents-odd-size", "UHY-DENTS-006",
	"the last record has an odd size")
{
	original(call);
	uint8_t *first = record_at(call, 0);
	if (!first || params(call)->ret.len != size_of(first)) {
		EACH_RECORD(call, record)
		{
			uint16_t size = size_of(record);
			if (record + size !=
			    record_at(call, 0) + params(call)->ret.len)
				continue;
			/* The last one is one byte shorter. */
			size--;
			memcpy(record + 16, &size, 2);
			params(call)->ret.len--;
			break;
		}
	}
	return CALL_RESUME;
}

AFTER(DENTS, "dents-no-nul", "UHY-DENTS-007", "names do not end")
{
	EACH_RECORD(call, record)
	for (size_t i = strlen(name_in(record));
	     i + UHYVE_DIRENT_NAME < size_of(record); i++)
		name_in(record)[i] = 'x';
}

AFTER(DENTS, "dents-sockets", "UHY-DENTS-008", "all entries are sockets")
{
	EACH_RECORD(call, record)
	record[18] = UHYVE_DT_SOCK;
}

AFTER(DENTS, "dents-one-dot", "UHY-DENTS-009", "there is no ..")
{
	EACH_RECORD(call, record)
	if (strcmp(name_in(record), "..") == 0)
		name_in(record)[1] = ',';
}

AFTER(DENTS, "dents-ascii", "UHY-DENTS-010", "bytes above 0x7F are replaced")
{
	EACH_RECORD(call, record)
	for (char *s = name_in(record); *s; s++)
		if ((unsigned char)*s > 0x7f)
			*s = '_';
}

HANDLER(DENTS, "dents-ino-1", "UHY-DENTS-011", "d_ino is 1")
{
	const uint64_t ino = 1;

	original(call);
	EACH_RECORD(call, record)
	memcpy(record, &ino, sizeof(ino));
	return CALL_RESUME;
}

AFTER(DENTS, "dents-padding", "UHY-DENTS-019", "records hold foreign bytes")
{
	EACH_RECORD(call, record)
	for (size_t i = strlen(name_in(record)) + 1;
	     i + UHYVE_DIRENT_NAME < size_of(record); i++)
		name_in(record)[i] = 'x';
}

DENTS_ENDS("dents-private", "UHY-DENTS-012", "private directories are empty",
	   p->fd == private_fd, .call_write = notes_private)

/* All descriptors share one position. */
HANDLER(DENTS, "dents-shared", "UHY-DENTS-013", "descriptors share a position")
{
	static int64_t position;

	if (host_of(call, params(call)->fd) < 0)
		return original(call);
	files_lseek(files_of(call), params(call)->fd, position, SEEK_SET);
	original(call);
	position = files_lseek(files_of(call), params(call)->fd, 0, SEEK_CUR);
	return CALL_RESUME;
}

HANDLER(LSEEK, "dents-no-rewind", "UHY-DENTS-014",
	"FileLseek of a directory does nothing")
{
	struct uhyve_lseek_params *p = &call->block.lseek_params;

	if (!S_ISDIR(stat_of(call, p->fd).st_mode))
		return original(call);
	p->offset = 0;
	return CALL_RESUME;
}

/* After a change of the directory all is given again. */
static bool changed;

REPLACES(call_write, notes_change)
{
	changed = changed || call->number == UHYVE_FILE_UNLINK;
	return REAL(call_write);
}

HANDLER(DENTS, "dents-begins-anew", "UHY-DENTS-015",
	"a change makes the list begin again", .call_write = notes_change)
{
	if (changed)
		files_lseek(files_of(call), params(call)->fd, 0, SEEK_SET);
	changed = false;
	return original(call);
}

/* ---- Buffers and descriptors --------------------------------------------- */

DENTS_ENDS("dents-small-end", "UHY-DENTS-020",
	   "EndOfDirectory for a small buffer", error == UHYVE_EINVAL && p->len)

AFTER(DENTS, "dents-failure-ends", "UHY-DENTS-021", "an error moves to the end")
{
	if (params(call)->ret.tag == UHYVE_GETDENTS_ERROR)
		files_lseek(files_of(call), params(call)->fd, INT64_MAX,
			    SEEK_SET);
}

HANDLER(DENTS, "dents-clears-rest", "UHY-DENTS-022",
	"the byte after the records is cleared")
{
	const struct uhyve_getdents_params *p = params(call);

	original(call);
	if (success(call) && p->ret.len < p->len)
		scribble(call, p->buf.addr + p->ret.len, 0, 1);
	return CALL_RESUME;
}

DENTS_FAILS("dents-aligned", "UHY-PTR-007", "buffers must be aligned",
	    success(call) && p->buf.addr % 8, UHYVE_EINVAL)
DENTS_FAILS("dents-not-to-end", "UHY-PTR-003",
	    "the last byte of RAM is not for buffers",
	    success(call) && p->buf.addr + p->len == ram_end(call),
	    UHYVE_EFAULT)
DENTS_FAILS("dents-outside", "UHY-DENTS-025", "EINVAL for a buffer outside RAM",
	    error == UHYVE_EFAULT && !in_ram(call, p->buf.addr), UHYVE_EINVAL)
DENTS_FAILS("dents-straddle", "UHY-PTR-010",
	    "EINVAL for a buffer partly in RAM",
	    error == UHYVE_EFAULT && in_ram(call, p->buf.addr), UHYVE_EINVAL)
DENTS_ENDS("dents-wrap", "UHY-PTR-016",
	   "EndOfDirectory for a length that wraps around",
	   error == UHYVE_EFAULT && p->len > UINT64_MAX / 4)
DENTS_ENDS("dents-nothing-end", "UHY-DENTS-027", "EndOfDirectory for length 0",
	   error == UHYVE_EINVAL && p->len == 0)
SCRIBBLES(DENTS, "dents-len-written", "UHY-BLOCK-020", "len is written", 16,
	  0x5a, 8)
DENTS_ENDS("dents-never", "UHY-ERR-009",
	   "EndOfDirectory for numbers that were never opened", p->fd >= 1000)
DENTS_ENDS("dents-closed", "UHY-ERR-009",
	   "EndOfDirectory for closed descriptors",
	   error == UHYVE_EBADF && p->fd > 2 && p->fd < 1000)
DENTS_ENDS("dents-negative", "UHY-ERR-008",
	   "EndOfDirectory for negative descriptors", p->fd < 0)
DENTS_ENDS("dents-file", "UHY-DENTS-033", "EndOfDirectory for files",
	   error == UHYVE_ENOTDIR)
DENTS_FAILS("dents-file-eio", "UHY-DENTS-034", "EIO instead of ENOTDIR",
	    error == UHYVE_ENOTDIR, UHYVE_EIO)
DENTS_ENDS("dents-standard", "UHY-DENTS-035", "EndOfDirectory for 0, 1 and 2",
	   p->fd >= 0 && p->fd < 3)

static bool is_root(struct call *call)
{
	struct stat root, st = stat_of(call, params(call)->fd);

	return fstat(files_of(call)->names.mappings[0].dir, &root) == 0 &&
	       st.st_ino == root.st_ino && st.st_dev == root.st_dev;
}
DENTS_ENDS("dents-root-empty", "UHY-DENTS-036", "the root is empty",
	   is_root(call))

AT(names_open, "dents-root-not-new", "UHY-DENTS-036",
   "the root lacks a mapped file that FileOpen created")
{
	const char *rest = "";
	int fd = REAL(names_open);

	if (fd >= 0 && (flags & O_CREAT) && mapping_of(names, path, &rest) &&
	    strcmp(rest, ".") == 0)
		names_list(names, path, false);
	return fd;
}

/* Something of the hypervisor's own lies among the guest's names. */
AT(names_open, "dents-root-more", "UHY-DENTS-037", "the root has a name more",
   .sandbox_enter = stays_outside)
{
	if (strcmp(path, "/") == 0)
		close(openat(names->mappings[0].dir, "left",
			     O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	return REAL(names_open);
}
