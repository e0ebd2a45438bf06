/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Freedoms of the file calls on descriptors. */
#include "freedoms.h"

/* The host's descriptor; -1 when fd is not open. */
static int host_of(struct files *files, int32_t fd)
{
	struct descriptor *d = descriptors_get(&files->descriptors, fd);
	int host = d ? d->host : -1;

	if (d)
		descriptors_put(d);
	return host;
}

static bool is_directory(struct files *files, int32_t fd)
{
	struct stat st;

	return fstat(host_of(files, fd), &st) == 0 && S_ISDIR(st.st_mode);
}

/* ---- Numbers ------------------------------------------------------------- */

#define FIRST 100000
#define STEP 7

static int number_add(struct descriptors *table, int host)
{
	int fd = descriptors_add(table, host);

	if (fd < 0)
		return fd;
	taken();
	return FIRST + (fd - DESCRIPTORS_FIRST) * STEP;
}

/* The VMM's own number, or one that is never open. */
static int32_t number_inside(int32_t fd)
{
	if (fd < FIRST || (fd - FIRST) % STEP)
		return -1;
	return (fd - FIRST) / STEP + DESCRIPTORS_FIRST;
}

static struct descriptor *number_get(struct descriptors *table, int32_t fd)
{
	return descriptors_get(table, number_inside(fd));
}

static int number_close(struct descriptors *table, int32_t fd)
{
	return descriptors_close(table, number_inside(fd));
}

/* ---- How many ------------------------------------------------------------ */

static int fewest(struct descriptors *table)
{
	unsigned open = 0;

	for (int i = DESCRIPTORS_FIRST; i < DESCRIPTORS_END; i++)
		open += atomic_load(&table->slots[i].open) &&
			atomic_load(&table->slots[i].users);
	if (open < 64)
		return descriptors_reserve(table);
	taken();
	return -ENFILE;
}

/* ---- Reading and writing ------------------------------------------------- */

/* Not version 1, which has no result to say so. */
static enum call_outcome write_short(struct call *call)
{
	struct uhyve_write_params *p = &call->block.write_params;
	const unsigned most = strength(3, 9);

	if (p->fd >= DESCRIPTORS_FIRST && p->len > most &&
	    gmem_valid(&call->services->mem, p->buf.addr, p->len)) {
		taken();
		p->len = most;
	}
	return original(call);
}

/*
 * The position is read, then used: another vCPU can come in between. One that
 * appends, or has no position, is left alone.
 */
static int64_t position_before(struct files *files, int32_t fd)
{
	int host = host_of(files, fd);
	int flags = fcntl(host, F_GETFL);

	if (flags < 0 || flags & O_APPEND || is_directory(files, fd))
		return -1;
	int64_t position = lseek(host, 0, SEEK_CUR);
	if (position >= 0) {
		taken();
		poll(NULL, 0, 0);
	}
	return position;
}

static int64_t write_racy(struct files *files, int32_t fd, const void *from,
			  size_t len)
{
	int64_t position = position_before(files, fd);

	if (position >= 0)
		lseek(host_of(files, fd), position, SEEK_SET);
	return files_write(files, fd, from, len);
}

static int64_t read_racy(struct files *files, int32_t fd, void *to, size_t len)
{
	int64_t position = position_before(files, fd);

	if (position >= 0)
		lseek(host_of(files, fd), position, SEEK_SET);
	return files_read(files, fd, to, len);
}

static int64_t write_directory(struct files *files, int32_t fd,
			       const void *from, size_t len)
{
	int64_t n = files_write(files, fd, from, len);

	if (n != -EBADF || !is_directory(files, fd))
		return n;
	taken();
	return -EISDIR;
}

static int64_t read_directory(struct files *files, int32_t fd, void *to,
			      size_t len)
{
	int64_t n = files_read(files, fd, to, len);

	if (n != -EISDIR)
		return n;
	taken();
	return -EBADF;
}

static int64_t read_output(struct files *files, int32_t fd, void *to,
			   size_t len)
{
	if (fd != STDOUT_FILENO && fd != STDERR_FILENO)
		return files_read(files, fd, to, len);
	taken();
	return 0;
}

static int64_t write_input(struct files *files, int32_t fd, const void *from,
			   size_t len)
{
	if (fd != STDIN_FILENO || !from)
		return files_write(files, fd, from, len);
	taken();
	return (int64_t)len;
}

/* ---- FileLseek ----------------------------------------------------------- */

static int64_t lseek_far(struct files *files, int32_t fd, int64_t offset,
			 uint32_t whence)
{
	int64_t position = files_lseek(files, fd, offset, whence);

	if (position != -EINVAL && position != -EOVERFLOW)
		return position;
	if (whence > UHYVE_SEEK_END || offset < 0)
		return position;
	taken();
	return position == -EINVAL ? -EOVERFLOW : -EINVAL;
}

static int64_t lseek_no_holes(struct files *files, int32_t fd, int64_t offset,
			      uint32_t whence)
{
	if (whence != UHYVE_SEEK_DATA && whence != UHYVE_SEEK_HOLE)
		return files_lseek(files, fd, offset, whence);
	taken();
	return files_lseek(files, fd, offset, UINT32_MAX);
}

static int64_t lseek_directory(struct files *files, int32_t fd, int64_t offset,
			       uint32_t whence)
{
	if (!is_directory(files, fd) ||
	    (whence == UHYVE_SEEK_SET && offset == 0))
		return files_lseek(files, fd, offset, whence);
	taken();
	return -EINVAL;
}

static const struct variant rows[] = {
	{"open-number", TOGETHER,
	 "descriptors count from 100,000 in steps of 7",
	 .descriptors_add = number_add, .descriptors_get = number_get,
	 .descriptors_close = number_close},
	{"open-fewest", TOGETHER, "no more than 64 descriptors",
	 .descriptors_reserve = fewest},
	{"write-short", TOGETHER, "FileWrite to a file writes at most 3 bytes",
	 UHYVE_FILE_WRITE, write_short},
	{"position-race", TOGETHER,
	 "vCPUs that share a descriptor can get the same position",
	 .files_write = write_racy, .files_read = read_racy},
	{"write-directory", TOGETHER, "FileWrite to a directory gives EISDIR",
	 .files_write = write_directory},
	{"read-directory", TOGETHER, "FileRead of a directory gives EBADF",
	 .files_read = read_directory},
	{"read-output", TOGETHER, "FileRead from descriptor 1 or 2 gives 0",
	 .files_read = read_output},
	{"write-input", TOGETHER, "FileWrite to descriptor 0 loses the bytes",
	 .files_write = write_input},
	{"lseek-far", TOGETHER, "the other error for too large a position",
	 .files_lseek = lseek_far},
	{"lseek-holes", TOGETHER, "SEEK_DATA and SEEK_HOLE are unknown",
	 .files_lseek = lseek_no_holes},
	{"lseek-directory", TOGETHER,
	 "FileLseek moves a directory only to its beginning",
	 .files_lseek = lseek_directory},
};
VARIANTS(rows);
