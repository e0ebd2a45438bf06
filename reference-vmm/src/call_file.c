/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The file calls of interface 2. */
#include "call.h"
#include "services.h"

int call_path(const struct call *call, struct uhyve_gpa gpa,
	      char clean[PATH_CLEAN_SIZE])
{
	char path[PATH_SIZE];
	/* UHY-PATH-001 to -005: the bytes before the NUL, all in RAM. */
	ptrdiff_t length =
		gmem_string(&call->services->mem, gpa, path, sizeof(path));

	return length < 0 ? (int)length : path_clean(path, clean);
}

enum call_outcome call_FileOpen(struct call *call)
{
	struct uhyve_open_params *p = &call->block.open_params;
	char path[PATH_CLEAN_SIZE];

	p->ret = call_path(call, p->name, path);
	if (p->ret == 0)
		p->ret = files_open(&call->services->files, path, p->flags,
				    p->mode);
	return CALL_RESUME;
}

enum call_outcome call_FileClose(struct call *call)
{
	struct uhyve_close_params *p = &call->block.close_params;

	p->ret = files_close(&call->services->files, p->fd);
	return CALL_RESUME;
}

enum call_outcome call_FileRead(struct call *call)
{
	struct uhyve_read_params *p = &call->block.read_params;
	/* UHY-READ-056: where both are bad, the descriptor counts. */
	void *to = gmem_at(&call->services->mem, p->buf, p->len);

	p->ret = files_read(&call->services->files, p->fd, to, p->len);
	return CALL_RESUME;
}

enum call_outcome call_FileWrite(struct call *call)
{
	struct uhyve_write_params *p = &call->block.write_params;
	/* UHY-WRITE-055: where both are bad, the descriptor counts. */
	const void *from = gmem_at(&call->services->mem, p->buf, p->len);

	p->ret = files_write(&call->services->files, p->fd, from, p->len);
	return CALL_RESUME;
}

enum call_outcome call_FileLseek(struct call *call)
{
	struct uhyve_lseek_params *p = &call->block.lseek_params;

	p->offset = files_lseek(&call->services->files, p->fd, p->offset,
				p->whence);
	return CALL_RESUME;
}

enum call_outcome call_FileUnlink(struct call *call)
{
	struct uhyve_unlink_params *p = &call->block.unlink_params;
	char path[PATH_CLEAN_SIZE];

	p->ret = call_path(call, p->name, path);
	if (p->ret == 0)
		p->ret = names_unlink(&call->services->files.names, path);
	return CALL_RESUME;
}
