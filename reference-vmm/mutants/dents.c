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
#define ERROR_IF(name, condition, error_)                                      \
	static enum call_outcome name(struct call *call)                       \
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
#define END_IF(name, condition)                                                \
	static enum call_outcome name(struct call *call)                       \
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

static enum call_outcome count_of_0(struct call *call)
{
	original(call);
	if (success(call))
		params(call)->ret.len = 0;
	return CALL_RESUME;
}

static enum call_outcome count_too_large(struct call *call)
{
	original(call);
	if (success(call) && params(call)->ret.len < params(call)->len)
		params(call)->ret.len++;
	return CALL_RESUME;
}

ERROR_IF(end_is_enoent, p->ret.tag == UHYVE_GETDENTS_END, UHYVE_ENOENT)

static enum call_outcome end_rewinds(struct call *call)
{
	original(call);
	if (params(call)->ret.tag == UHYVE_GETDENTS_END)
		files_lseek(files_of(call), params(call)->fd, 0, SEEK_SET);
	return CALL_RESUME;
}

/* Only the first record counts, and the rest is not given again. */
static enum call_outcome one_a_call(struct call *call)
{
	uint8_t *first;

	original(call);
	first = record_at(call, 0);
	if (first)
		params(call)->ret.len = size_of(first);
	return CALL_RESUME;
}

static enum call_outcome odd_size(struct call *call)
{
	uint16_t size;
	uint8_t *first;

	original(call);
	first = record_at(call, 0);
	if (!first || params(call)->ret.len != size_of(first)) {
		EACH_RECORD(call, record)
		{
			size = size_of(record);
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

static enum call_outcome no_nul(struct call *call)
{
	original(call);
	EACH_RECORD(call, record)
	for (size_t i = strlen(name_in(record));
	     i + UHYVE_DIRENT_NAME < size_of(record); i++)
		name_in(record)[i] = 'x';
	return CALL_RESUME;
}

static enum call_outcome all_sockets(struct call *call)
{
	original(call);
	EACH_RECORD(call, record)
	record[18] = UHYVE_DT_SOCK;
	return CALL_RESUME;
}

static enum call_outcome one_dot(struct call *call)
{
	original(call);
	EACH_RECORD(call, record)
	if (strcmp(name_in(record), "..") == 0)
		name_in(record)[1] = ',';
	return CALL_RESUME;
}

static enum call_outcome ascii(struct call *call)
{
	original(call);
	EACH_RECORD(call, record)
	for (char *s = name_in(record); *s; s++)
		if ((unsigned char)*s > 0x7f)
			*s = '_';
	return CALL_RESUME;
}

static enum call_outcome ino_1(struct call *call)
{
	const uint64_t ino = 1;

	original(call);
	EACH_RECORD(call, record)
	memcpy(record, &ino, sizeof(ino));
	return CALL_RESUME;
}

static enum call_outcome foreign_padding(struct call *call)
{
	original(call);
	EACH_RECORD(call, record)
	for (size_t i = strlen(name_in(record)) + 1;
	     i + UHYVE_DIRENT_NAME < size_of(record); i++)
		name_in(record)[i] = 'x';
	return CALL_RESUME;
}

END_IF(private_is_empty, p->fd == private_fd)

/* All descriptors share one position. */
static enum call_outcome shared(struct call *call)
{
	static int64_t position;

	if (host_of(call, params(call)->fd) < 0)
		return original(call);
	files_lseek(files_of(call), params(call)->fd, position, SEEK_SET);
	original(call);
	position = files_lseek(files_of(call), params(call)->fd, 0, SEEK_CUR);
	return CALL_RESUME;
}

static enum call_outcome no_rewind(struct call *call)
{
	struct uhyve_lseek_params *p = &call->block.lseek_params;

	if (!S_ISDIR(stat_of(call, p->fd).st_mode))
		return original(call);
	p->offset = 0;
	return CALL_RESUME;
}

/* After a change of the directory all is given again. */
static bool changed;

static enum call_outcome notes_change(const struct call_table *table,
				      struct call *call)
{
	changed = changed || call->number == UHYVE_FILE_UNLINK;
	return __real_call_write(table, call);
}

static enum call_outcome begins_anew(struct call *call)
{
	if (changed)
		files_lseek(files_of(call), params(call)->fd, 0, SEEK_SET);
	changed = false;
	return original(call);
}

/* ---- Buffers and descriptors --------------------------------------------- */

END_IF(too_small_is_end, error == UHYVE_EINVAL && p->len)

static enum call_outcome failure_ends(struct call *call)
{
	original(call);
	if (params(call)->ret.tag == UHYVE_GETDENTS_ERROR)
		files_lseek(files_of(call), params(call)->fd, INT64_MAX,
			    SEEK_SET);
	return CALL_RESUME;
}

static enum call_outcome clears_the_rest(struct call *call)
{
	const struct uhyve_getdents_params *p = params(call);

	original(call);
	if (success(call) && p->ret.len < p->len)
		scribble(call, p->buf.addr + p->ret.len, 0, 1);
	return CALL_RESUME;
}

ERROR_IF(aligned, success(call) && p->buf.addr % 8, UHYVE_EINVAL)
ERROR_IF(not_to_the_end, success(call) && p->buf.addr + p->len == ram_end(call),
	 UHYVE_EFAULT)
ERROR_IF(outside_is_einval, error == UHYVE_EFAULT && !in_ram(call, p->buf.addr),
	 UHYVE_EINVAL)
ERROR_IF(straddle_is_einval, error == UHYVE_EFAULT && in_ram(call, p->buf.addr),
	 UHYVE_EINVAL)
END_IF(nothing_is_end, error == UHYVE_EINVAL && p->len == 0)
SCRIBBLES(len_written, 16, 0x5a, 8)
END_IF(never_is_end, p->fd >= 1000)
END_IF(closed_is_end, error == UHYVE_EBADF && p->fd > 2 && p->fd < 1000)
END_IF(negative_is_end, p->fd < 0)
END_IF(file_is_end, error == UHYVE_ENOTDIR)
ERROR_IF(file_is_eio, error == UHYVE_ENOTDIR, UHYVE_EIO)
END_IF(standard_is_end, p->fd >= 0 && p->fd < 3)

#define DENTS UHYVE_GETDENTS
static bool is_root(struct call *call)
{
	struct stat root, st = stat_of(call, params(call)->fd);

	return fstat(files_of(call)->names.mappings[0].dir, &root) == 0 &&
	       st.st_ino == root.st_ino && st.st_dev == root.st_dev;
}
END_IF(root_is_empty, is_root(call))

/* Something of the hypervisor's own lies among the guest's names. */
static int left_in_root(const struct names *names, const char *path, int flags,
			mode_t mode)
{
	if (strcmp(path, "/") == 0)
		close(openat(names->mappings[0].dir, "left",
			     O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	return __real_names_open(names, path, flags, mode);
}

static const struct variant rows[] = {
	{"dents-root-empty", "UHY-DENTS-036", "the root is empty",
	 UHYVE_GETDENTS, root_is_empty},
	{"dents-root-more", "UHY-DENTS-037", "the root has a name more",
	 .names_open = left_in_root, .sandbox_enter = stays_outside},
	{"dents-count-0", "UHY-DENTS-001", "Success counts 0", DENTS,
	 count_of_0},
	{"dents-count-large", "UHY-DENTS-002", "the count is one too large",
	 DENTS, count_too_large},
	{"dents-end-enoent", "UHY-DENTS-003", "ENOENT at the end", DENTS,
	 end_is_enoent},
	{"dents-end-rewinds", "UHY-DENTS-004", "after the end, it begins again",
	 DENTS, end_rewinds},
	{"dents-one-a-call", "UHY-DENTS-005",
	 "records after the first are lost", DENTS, one_a_call},
	{"dents-odd-size", "UHY-DENTS-006", "the last record has an odd size",
	 DENTS, odd_size},
	{"dents-no-nul", "UHY-DENTS-007", "names do not end", DENTS, no_nul},
	{"dents-sockets", "UHY-DENTS-008", "all entries are sockets", DENTS,
	 all_sockets},
	{"dents-one-dot", "UHY-DENTS-009", "there is no ..", DENTS, one_dot},
	{"dents-ascii", "UHY-DENTS-010", "bytes above 0x7F are replaced", DENTS,
	 ascii},
	{"dents-ino-1", "UHY-DENTS-011", "d_ino is 1", DENTS, ino_1},
	{"dents-private", "UHY-DENTS-012", "private directories are empty",
	 DENTS, private_is_empty, .call_write = notes_private},
	{"dents-shared", "UHY-DENTS-013", "descriptors share a position", DENTS,
	 shared},
	{"dents-no-rewind", "UHY-DENTS-014",
	 "FileLseek of a directory does nothing", UHYVE_FILE_LSEEK, no_rewind},
	{"dents-begins-anew", "UHY-DENTS-015",
	 "a change makes the list begin again", DENTS, begins_anew,
	 .call_write = notes_change},
	{"dents-padding", "UHY-DENTS-019", "records hold foreign bytes", DENTS,
	 foreign_padding},
	{"dents-small-end", "UHY-DENTS-020",
	 "EndOfDirectory for a small buffer", DENTS, too_small_is_end},
	{"dents-failure-ends", "UHY-DENTS-021", "an error moves to the end",
	 DENTS, failure_ends},
	{"dents-clears-rest", "UHY-DENTS-022",
	 "the byte after the records is cleared", DENTS, clears_the_rest},
	{"dents-aligned", "UHY-DENTS-023", "buffers must be aligned", DENTS,
	 aligned},
	{"dents-not-to-end", "UHY-DENTS-024",
	 "the last byte of RAM is not for buffers", DENTS, not_to_the_end},
	{"dents-outside", "UHY-DENTS-025", "EINVAL for a buffer outside RAM",
	 DENTS, outside_is_einval},
	{"dents-straddle", "UHY-DENTS-026", "EINVAL for a buffer partly in RAM",
	 DENTS, straddle_is_einval},
	{"dents-nothing-end", "UHY-DENTS-027", "EndOfDirectory for length 0",
	 DENTS, nothing_is_end},
	{"dents-len-written", "UHY-DENTS-028", "len is written", DENTS,
	 len_written},
	{"dents-never", "UHY-DENTS-030",
	 "EndOfDirectory for numbers that were never opened", DENTS,
	 never_is_end},
	{"dents-closed", "UHY-DENTS-031",
	 "EndOfDirectory for closed descriptors", DENTS, closed_is_end},
	{"dents-negative", "UHY-DENTS-032",
	 "EndOfDirectory for negative descriptors", DENTS, negative_is_end},
	{"dents-file", "UHY-DENTS-033", "EndOfDirectory for files", DENTS,
	 file_is_end},
	{"dents-file-eio", "UHY-DENTS-034", "EIO instead of ENOTDIR", DENTS,
	 file_is_eio},
	{"dents-standard", "UHY-DENTS-035", "EndOfDirectory for 0, 1 and 2",
	 DENTS, standard_is_end},
};
VARIANTS(rows);
