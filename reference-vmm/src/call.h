/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The handlers. All have one shape: the block is in call->block, its fields are
 * validated in the specification's order, the call acts, and the whole result
 * is set in call->block, from where the table's dispatch stores it.
 */
#ifndef CALL_H
#define CALL_H

#include "hypercall.h"
#include "path.h"

#define HANDLER_BLOCK(name) call_perform call_##name;
#define HANDLER_I32(name) call_perform call_##name;
#define HANDLER_U8(name) call_perform call_##name;
#define HANDLER_READ(name) call_perform call_##name;
#define HANDLER_RESERVED(name)
#define UHYVE_CALL(name, constant, number, since, argument, block, area)       \
	HANDLER_##argument(name)
#include <uhyve_interface/calls.def>

/* Calls of version 1 (v1.def); those that version 2 has too share its handler. */
#define HANDLER_V1_FILE_WRITE call_v1_write
#define HANDLER_V1_FILE_OPEN call_FileOpen
#define HANDLER_V1_FILE_CLOSE call_FileClose
#define HANDLER_V1_FILE_READ call_v1_read
#define HANDLER_V1_EXIT call_v1_exit
#define HANDLER_V1_FILE_LSEEK call_v1_lseek
#define HANDLER_V1_CMDSIZE call_v1_cmdsize
#define HANDLER_V1_CMDVAL call_v1_cmdval
#define HANDLER_V1_SERIAL_WRITE_BYTE call_SerialWriteByte
#define HANDLER_V1_FILE_UNLINK call_FileUnlink
#define HANDLER_V1_SERIAL_WRITE_BUFFER call_v1_serial_write
call_perform call_v1_write, call_v1_read, call_v1_exit, call_v1_lseek,
	call_v1_cmdsize, call_v1_cmdval, call_v1_serial_write;

/* The i-th field of all calls, those of version 1 included; NULL at the end. */
const struct uhyve_field *call_field_at(unsigned i);

/*
 * Copies the name at gpa and cleans it: 0, -EFAULT, -ENAMETOOLONG, -ENOENT or
 * -EINVAL.
 */
int call_path(const struct call *call, struct uhyve_gpa gpa,
	      char clean[PATH_CLEAN_SIZE]);

#endif
