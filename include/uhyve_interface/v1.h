/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Version 1 of the interface, kept for images without an interface note
 * (spec/90-version-1.md, UHY-V1). Do not use it for anything new.
 *
 * x86-64: a 32-bit OUT to the port, EAX the guest-physical address of the
 * block. aarch64: a 64-bit store of X8 to the number as an address. Every block
 * is packed. GVA: a guest-virtual address.
 */
#ifndef UHYVE_INTERFACE_V1_H
#define UHYVE_INTERFACE_V1_H

#include "v2.h"

#define UHYVE_V1_FILE_WRITE 0x400
#define UHYVE_V1_FILE_OPEN 0x440
#define UHYVE_V1_FILE_CLOSE 0x480
#define UHYVE_V1_FILE_READ 0x500
#define UHYVE_V1_EXIT 0x540
#define UHYVE_V1_FILE_LSEEK 0x580
#define UHYVE_V1_CMDSIZE 0x740
#define UHYVE_V1_CMDVAL 0x780
#define UHYVE_V1_SERIAL_WRITE_BYTE 0x800 /* AL, no block */
#define UHYVE_V1_FILE_UNLINK 0x840
#define UHYVE_V1_SERIAL_WRITE_BUFFER 0x880

/* Reserved: network calls of the past. */
#define UHYVE_V1_NETWRITE 0x640
#define UHYVE_V1_NETREAD 0x680
#define UHYVE_V1_NETSTAT 0x700

/* Slots for arguments and for environment variables each. */
#define UHYVE_V1_MAX_ARGS 128

#ifndef __ASSEMBLER__

/* FileOpen, FileClose and FileUnlink: as in v2.h. */

struct UHYVE_PACKED uhyve_v1_exit_params {
	int32_t code; /* IN */
};

struct UHYVE_PACKED uhyve_v1_write_params {
	int32_t fd;   /* IN */
	uint64_t buf; /* IN, GVA of len bytes that the hypervisor reads */
	uint64_t len; /* IN, bytes; there is no result */
};

struct UHYVE_PACKED uhyve_v1_read_params {
	int32_t fd;   /* IN */
	uint64_t buf; /* IN, GVA of len bytes that the hypervisor writes */
	uint64_t len; /* IN, bytes */
	int64_t ret;  /* OUT, bytes read, or -errno */
};

struct UHYVE_PACKED uhyve_v1_lseek_params {
	int32_t fd;     /* IN */
	int64_t offset; /* IN/OUT, bytes; then the position, or -1 */
	int32_t whence; /* IN, UHYVE_SEEK_* */
};

struct UHYVE_PACKED uhyve_v1_serial_write_params {
	struct uhyve_gpa buf; /* IN, len bytes that the hypervisor reads */
	uint64_t len;         /* IN, bytes */
};

/* The sizes of the arguments and of the environment. */
struct UHYVE_PACKED uhyve_v1_cmdsize_params {
	int32_t argc;                     /* OUT, the image's path included */
	int32_t argsz[UHYVE_V1_MAX_ARGS]; /* OUT, bytes with the NUL */
	int32_t envc;                     /* OUT */
	int32_t envsz[UHYVE_V1_MAX_ARGS]; /* OUT, bytes with the NUL */
};

/* The addresses at which to store them. */
struct UHYVE_PACKED uhyve_v1_cmdval_params {
	struct uhyve_gpa argv; /* IN, array of argc guest-physical addresses */
	struct uhyve_gpa envp; /* IN, array of envc guest-physical addresses */
};

#define UHYVE_V1_CALL(name, number, argument, block)                           \
	UHYVE_STATIC_ASSERT(UHYVE_##name == (number), #name);
#define UHYVE_V1_FIELD(name, block, field, offset, type, direction, kind,      \
		       length)                                                 \
	UHYVE_ASSERT_MEMBER(uhyve_##block, field, offset, UHYVE_TYPE_##type);
#define UHYVE_STRUCT(name, size, align)                                        \
	UHYVE_ASSERT_LAYOUT(uhyve_##name, size, align);
#define UHYVE_CONSTANT(group, name, value)                                     \
	UHYVE_STATIC_ASSERT(UHYVE_##name == (value), #name);
#include "v1.def"

#endif /* __ASSEMBLER__ */
#endif /* UHYVE_INTERFACE_V1_H */
