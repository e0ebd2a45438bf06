/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The calls of interface 3: directories and attributes. */
#include <errno.h>

#include "call.h"
#include "services.h"

enum call_outcome call_Getdents(struct call *call)
{
	struct uhyve_getdents_params *p = &call->block.getdents_params;
	void *to = gmem_at(&call->services->mem, p->buf, p->len);
	int64_t n = -EFAULT;

	if (to)
		n = files_getdents(&call->services->files, p->fd, to, p->len);
	if (n > 0) { /* UHY-DENTS-001 */
		p->ret.tag = UHYVE_GETDENTS_SUCCESS;
		p->ret.len = (uint64_t)n;
	} else if (n == 0) { /* UHY-DENTS-003, -004 */
		p->ret.tag = UHYVE_GETDENTS_END;
	} else { /* UHY-ERR-002 */
		p->ret.tag = UHYVE_GETDENTS_ERROR;
		p->ret.error = (int32_t)-n;
	}
	return CALL_RESUME;
}

static struct uhyve_timespec timespec_of(struct timespec time)
{
	return (struct uhyve_timespec){
		.tv_sec = time.tv_sec,
		.tv_nsec = (int32_t)time.tv_nsec,
	};
}

/*
 * Stores the attributes at gpa, padding as zeros (UHY-STAT-007, -011). 0 or
 * -EFAULT and nothing stored (UHY-PTR-010, UHY-STAT-043).
 */
static int store_attr(const struct call *call, struct uhyve_gpa gpa,
		      const struct stat *st)
{
	const struct uhyve_file_attr attr = {
		.st_dev = st->st_dev,
		.st_ino = st->st_ino,
		.st_nlink = st->st_nlink,
		.st_mode = st->st_mode,
		.st_uid = st->st_uid,
		.st_gid = st->st_gid,
		.st_rdev = st->st_rdev,
		.st_size = st->st_size,
		.st_blksize = st->st_blksize,
		.st_blocks = st->st_blocks,
		.st_atim = timespec_of(st->st_atim),
		.st_mtim = timespec_of(st->st_mtim),
		.st_ctim = timespec_of(st->st_ctim),
	};

	return gmem_store(&call->services->mem, gpa, &attr, sizeof(attr));
}

static struct uhyve_stat_result stat_result(int error)
{
	if (error)
		return (struct uhyve_stat_result){UHYVE_STAT_ERROR, -error};
	return (struct uhyve_stat_result){UHYVE_STAT_SUCCESS, 0};
}

enum call_outcome call_FileStat(struct call *call)
{
	struct uhyve_stat_params *p = &call->block.stat_params;
	char path[PATH_CLEAN_SIZE];
	int error;

	if (p->kind != UHYVE_STAT_FOLLOW && p->kind != UHYVE_STAT_NOFOLLOW)
		error = -EINVAL; /* UHY-STAT-023 */
	else
		error = call_path(call, p->name, path);
	struct stat st;
	if (!error)
		error = names_stat(&call->services->files.names, path,
				   p->kind == UHYVE_STAT_FOLLOW, &st);
	if (!error)
		error = store_attr(call, p->attr, &st);
	p->ret = stat_result(error);
	return CALL_RESUME;
}

enum call_outcome call_FileFstat(struct call *call)
{
	struct uhyve_fstat_params *p = &call->block.fstat_params;
	struct stat st;
	int error = files_fstat(&call->services->files, p->fd, &st);

	if (!error)
		error = store_attr(call, p->attr, &st);
	p->ret = stat_result(error);
	return CALL_RESUME;
}

/* UHY-MKDIR-005: the length is redundant, the name ends with its NUL. */
enum call_outcome call_Mkdir(struct call *call)
{
	struct uhyve_mkdir_params *p = &call->block.mkdir_params;
	char path[PATH_CLEAN_SIZE];
	int error = call_path(call, p->path, path);

	if (!error)
		error = names_mkdir(&call->services->files.names, path);
	p->ret.tag = error ? UHYVE_MKDIR_ERROR : UHYVE_MKDIR_SUCCESS;
	p->ret.error = -error;
	return CALL_RESUME;
}
