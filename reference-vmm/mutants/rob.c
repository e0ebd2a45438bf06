/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Sequences and contents that no single call has. */
#include <stdlib.h>

#include <time.h>

#include "file.h"

static enum call_outcome name_must_be_in_ram(struct call *call)
{
	if (in_ram(call, call->block.unlink_params.name.addr))
		return original(call);
	call->fault = "a name outside RAM";
	return CALL_FAULT;
}

static enum call_outcome descriptor_must_be_positive(struct call *call)
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

static enum call_outcome failure_uses_up(struct call *call)
{
	original(call);
	if (call->block.open_params.ret < 0)
		use_up(call);
	return CALL_RESUME;
}

static enum call_outcome closing_uses_up(struct call *call)
{
	original(call);
	if (call->block.close_params.ret == 0)
		use_up(call);
	return CALL_RESUME;
}

static int few_private_files(const struct names *names, const char *path,
			     int flags, mode_t mode)
{
	if ((flags & O_CREAT) && !mapping_of(names, path, NULL) &&
	    times() > 200)
		return -ENOSPC;
	return __real_names_open(names, path, flags, mode);
}

/* The path is checked, and then read once more. */
static enum call_outcome reads_twice(struct call *call)
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

static enum call_outcome tired_of_failures(struct call *call)
{
	struct uhyve_open_params *p = &call->block.open_params;
	static unsigned failures;

	original(call);
	failures += p->ret < 0;
	if (p->ret > 0 && failures > 100)
		files_lseek(files_of(call), p->ret, 1, SEEK_SET);
	return CALL_RESUME;
}

static enum call_outcome fault_closes(struct call *call)
{
	original(call);
	if (call->block.read_params.ret == -EFAULT)
		files_close(files_of(call), call->block.read_params.fd);
	return CALL_RESUME;
}

static enum call_outcome bad_buffer_aborts(struct call *call)
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;

	if (!gmem_at(&call->services->mem, p->buf, p->len))
		abort();
	return original(call);
}

static const struct variant rows[] = {
	{"rob-bad-buffer-aborts", "UHY-ROB-030",
	 "a SerialWriteBuffer that is not in RAM is an abort",
	 UHYVE_SERIAL_WRITE_BUFFER, bad_buffer_aborts},
	{"rob-name-in-ram", "UHY-ROB-001",
	 "FileUnlink of a name outside RAM ends the machine", UHYVE_FILE_UNLINK,
	 name_must_be_in_ram},
	{"rob-fd-positive", "UHY-ROB-002",
	 "Getdents of a negative descriptor ends the machine", UHYVE_GETDENTS,
	 descriptor_must_be_positive},
	{"rob-failure-uses-up", "UHY-ROB-003",
	 "FileOpen that fails uses up a descriptor", UHYVE_FILE_OPEN,
	 failure_uses_up},
	{"rob-closing-uses-up", "UHY-ROB-004", "FileClose uses up a descriptor",
	 UHYVE_FILE_CLOSE, closing_uses_up},
	{"rob-few-private", "UHY-ROB-005", "200 private files are too many",
	 .names_open = few_private_files},
	{"rob-reads-twice", "UHY-ROB-006",
	 "a path that changed ends the machine", UHYVE_FILE_OPEN, reads_twice},
	{"rob-tired", "UHY-ROB-007", "after 100 failures positions begin at 1",
	 UHYVE_FILE_OPEN, tired_of_failures},
	{"rob-fault-closes", "UHY-ROB-008", "EFAULT closes the descriptor",
	 UHYVE_FILE_READ, fault_closes},
};
VARIANTS(rows);
