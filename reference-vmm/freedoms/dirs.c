/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Freedoms of Getdents and of attributes. */
#include "freedoms.h"

#include <sys/syscall.h>

/* ---- Getdents ------------------------------------------------------------ */

static bool style(const char *name)
{
	if (!freedom_chosen(name))
		return false;
	taken_as(name);
	return true;
}

/*
 * The record at from as the guest gets it, in at most room bytes at to; its
 * size, 0 when it is left out, or -EINVAL when it does not fit.
 */
static int64_t restyled(const struct uhyve_dirent *from, uint8_t *to,
			size_t room)
{
	struct uhyve_dirent head = *from;
	const char *name = (const char *)from + UHYVE_DIRENT_NAME;
	size_t size = head.d_reclen;

	if ((strcmp(name, ".") == 0 || strcmp(name, "..") == 0) &&
	    style("dents-no-dots"))
		return 0;
	if (size > room)
		return -EINVAL;
	memset(to, 0, size);
	/* The space after is the hypervisor's to waste. */
	if (room - size >= 16 && style("dents-long-record")) {
		head.d_reclen = (uint16_t)(size + 16);
		memset(to + size, 0, 16);
	}
	if (style("dents-type"))
		head.d_type = 0;
	if (style("dents-offset"))
		head.d_off = INT64_MIN + head.d_off;
	if (style("dents-number"))
		head.d_ino = ~head.d_ino;
	memcpy(to, &head, UHYVE_DIRENT_NAME);
	memcpy(to + UHYVE_DIRENT_NAME, name, strlen(name) + 1);
	return head.d_reclen;
}

/* All freedoms of records at once; one call of the host, record by record. */
static int64_t records(struct files *files, int32_t fd, void *to, size_t len)
{
	static _Thread_local uint64_t batch[512];
	struct descriptor *d = descriptors_get(&files->descriptors, fd);
	int64_t done = 0, size = 0;

	if (!d)
		return __real_files_getdents(files, fd, to, len);
	off_t back = lseek(d->host, 0, SEEK_CUR);
	int64_t n = syscall(SYS_getdents64, d->host, batch, sizeof(batch));
	n = n < 0 ? -errno : n;
	for (int64_t at = 0; at < n;) {
		const struct uhyve_dirent *from =
			(const void *)((char *)batch + at);
		if (done && style("dents-one"))
			break;
		size = restyled(from, (uint8_t *)to + done, len - (size_t)done);
		if (size < 0)
			break;
		done += size;
		at += from->d_reclen;
		back = from->d_off;
	}
	if (n > 0)
		lseek(d->host, back, SEEK_SET);
	descriptors_put(d);
	if (n <= 0 || done)
		return n <= 0 ? n : done;
	return size < 0 ? size : records(files, fd, to, len);
}

/* ---- Attributes ---------------------------------------------------------- */

static void loosen(struct stat *st)
{
	if (style("stat-blksize"))
		st->st_blksize = 0;
	if (style("stat-others")) {
		st->st_uid = 4000000000;
		st->st_gid = 4000000001;
		st->st_rdev = 0x1234;
		st->st_blocks = 77;
		st->st_atim.tv_sec = -1;
		st->st_ctim.tv_sec = -2;
		st->st_nlink = 41;
	}
}

static int loose_stat(const struct names *names, const char *path, bool follow,
		      struct stat *st)
{
	int error = names_stat(names, path, follow, st);

	if (!error)
		loosen(st);
	return error;
}

static int loose_fstat(struct files *files, int32_t fd, struct stat *st)
{
	int error = files_fstat(files, fd, st);

	if (!error)
		loosen(st);
	return error;
}

static int fstat_console(struct files *files, int32_t fd, struct stat *st)
{
	if (fd < 0 || fd >= DESCRIPTORS_FIRST)
		return files_fstat(files, fd, st);
	taken();
	*st = (struct stat){.st_mode = S_IFCHR | 0600, .st_nlink = 1};
	return 0;
}

/* The padding of struct uhyve_file_attr, in bytes. */
static const unsigned padding[] = {36, 84, 100, 116};
#define PADDINGS (sizeof(padding) / sizeof(padding[0]))

/* With attr in RAM: stores what was there before. */
static enum call_outcome keeping(struct call *call, struct uhyve_gpa attr)
{
	const struct gmem *mem = &call->services->mem;
	bool there = gmem_valid(mem, attr.addr, sizeof(struct uhyve_file_attr));

	uint32_t before[PADDINGS];
	for (unsigned i = 0; there && i < PADDINGS; i++)
		gmem_load(mem, (struct uhyve_gpa){attr.addr + padding[i]},
			  &before[i], sizeof(before[i]));
	enum call_outcome outcome = original(call);
	for (unsigned i = 0; there && i < PADDINGS; i++)
		gmem_store(mem, (struct uhyve_gpa){attr.addr + padding[i]},
			   &before[i], sizeof(before[i]));
	if (there)
		taken();
	return outcome;
}

static enum call_outcome stat_padding(struct call *call)
{
	return keeping(call, call->block.stat_params.attr);
}

static enum call_outcome fstat_padding(struct call *call)
{
	return keeping(call, call->block.fstat_params.attr);
}

static const struct variant rows[] = {
	{"dents-one", TOGETHER, "Getdents gives one record a call",
	 .files_getdents = records},
	{"dents-no-dots", TOGETHER, "directories are without . and ..",
	 .files_getdents = records},
	{"dents-long-record", TOGETHER, "records are longer than their names",
	 .files_getdents = records},
	{"dents-type", TOGETHER, "d_type is 0", .files_getdents = records},
	{"dents-offset", TOGETHER, "d_off is not an offset",
	 .files_getdents = records},
	{"dents-number", TOGETHER, "d_ino is another number than st_ino",
	 .files_getdents = records},
	{"stat-blksize", TOGETHER, "st_blksize is 0", .names_stat = loose_stat,
	 .files_fstat = loose_fstat},
	{"stat-others", TOGETHER,
	 "owners, device, blocks and other times are odd",
	 .names_stat = loose_stat, .files_fstat = loose_fstat},
	{"stat-console", TOGETHER, "FileFstat describes a console",
	 .files_fstat = fstat_console},
	{"stat-padding", TOGETHER, "FileStat keeps the padding",
	 UHYVE_FILE_STAT, stat_padding},
	{"stat-padding", TOGETHER, "FileFstat keeps the padding",
	 UHYVE_FILE_FSTAT, fstat_padding},
};
VARIANTS(rows);
