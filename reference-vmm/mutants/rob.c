/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Sequences and contents that no single call has. */
#include <stdlib.h>

#include <time.h>

#include "file.h"

HANDLER(UNLINK, "rob-name-in-ram", "UHY-ROB-001",
	"FileUnlink of a name outside RAM ends the machine")
{
	if (in_ram(call, call->block.unlink_params.name.addr))
		return original(call);
	call->fault = "a name outside RAM";
	return CALL_FAULT;
}

HANDLER(DENTS, "rob-fd-positive", "UHY-ROB-002",
	"Getdents of a negative descriptor ends the machine")
{
	if (call->block.getdents_params.fd >= 0)
		return original(call);
	call->fault = "a negative descriptor";
	return CALL_FAULT;
}

/* One descriptor less for the guest. */
static void use_up(struct call *call)
{
	files_open(files_of(call), "/", UHYVE_O_DIRECTORY, 0);
}

AFTER(OPEN, "rob-failure-uses-up", "UHY-ROB-003",
      "FileOpen that fails uses up a descriptor")
{
	if (call->block.open_params.ret < 0)
		use_up(call);
}

AFTER(CLOSE, "rob-closing-uses-up", "UHY-ROB-004",
      "FileClose uses up a descriptor")
{
	if (call->block.close_params.ret == 0)
		use_up(call);
}

/* As if the call still went on. */
AFTER(LSEEK, "rob-seeking-uses-up", "UHY-ROB-004",
      "FileLseek keeps the descriptor that it moved")
{
	const struct uhyve_lseek_params *p = &call->block.lseek_params;

	if (p->offset >= 0)
		descriptors_get(&files_of(call)->descriptors, p->fd);
}

AFTER(UNLINK, "rob-mapping-uses-up", "UHY-ROB-004",
      "FileUnlink of a file that is mapped by itself uses up a descriptor")
{
	if (is_mapping(call, call->block.unlink_params.name) &&
	    call->block.unlink_params.ret == 0)
		use_up(call);
}

AFTER(FSTAT, "rob-attributes-keep", "UHY-ROB-004",
      "FileFstat keeps the descriptor")
{
	descriptors_get(&files_of(call)->descriptors,
			call->block.fstat_params.fd);
}

AT(names_open, "rob-few-private", "UHY-ROB-005",
   "200 private files are too many")
{
	if ((flags & O_CREAT) && !mapping_of(names, path, NULL) &&
	    times() > 200)
		return -ENOSPC;
	return REAL(names_open);
}

/* The path is checked, and then read once more. */
HANDLER(OPEN, "rob-reads-twice", "UHY-ROB-006",
	"a path that changed ends the machine")
{
	struct uhyve_open_params *p = &call->block.open_params;
	const struct timespec time = {.tv_nsec = 20000};
	char path[PATH_CLEAN_SIZE];

	if (call_path(call, p->name, path) != 0)
		return original(call);
	nanosleep(&time, NULL);
	if (call_path(call, p->name, path) == 0)
		return original(call);
	call->fault = "the path changed";
	return CALL_FAULT;
}

HANDLER(OPEN, "rob-tired", "UHY-ROB-007",
	"after 100 failures positions begin at 1")
{
	struct uhyve_open_params *p = &call->block.open_params;
	static unsigned failures;

	original(call);
	failures += p->ret < 0;
	if (p->ret > 0 && failures > 100)
		files_lseek(files_of(call), p->ret, 1, SEEK_SET);
	return CALL_RESUME;
}

AFTER(READ, "rob-fault-closes", "UHY-ROB-008", "EFAULT closes the descriptor")
{
	if (call->block.read_params.ret == -EFAULT)
		files_close(files_of(call), call->block.read_params.fd);
}

HANDLER(UHYVE_SERIAL_WRITE_BUFFER, "rob-bad-buffer-aborts", "UHY-ROB-030",
	"a SerialWriteBuffer that is not in RAM is an abort")
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;

	if (!gmem_at(&call->services->mem, p->buf, p->len))
		abort();
	return original(call);
}
