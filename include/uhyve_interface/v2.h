/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The Uhyve hypercall interface, versions 2 and 3: numbers, parameter blocks
 * and constants.
 *
 * Needs nothing but <stdint.h> and the files beside it. Valid C11 and C++17,
 * hosted and freestanding; an assembler source may include it for the numbers
 * and the constants. It holds no code, so both sides of the interface can use
 * it. The same facts as tables for programs: calls.def and v2.def, with which
 * everything here is compared at its end. The call itself: guest.h.
 *
 * All integers are little-endian. A parameter block is guest-physical memory;
 * its fields are marked
 *   IN      the guest writes it, the hypervisor reads it and leaves it alone
 *   OUT     the hypervisor writes it; what it held before has no meaning
 *   IN/OUT  both
 * Every size, alignment and offset is asserted with the number that the
 * specification gives (spec/20-blocks.md, UHY-BLOCK).
 *
 * Changes of the interface
 *   2  RDI (x86-64) or X8 (aarch64) carries a 64-bit argument; blocks and
 *      buffers are guest-physical; FileWrite reports a result.
 *   3  adds Getdents, FileStat, FileFstat and Mkdir. Numbers and blocks of
 *      version 2 are unchanged.
 */
#ifndef UHYVE_INTERFACE_V2_H
#define UHYVE_INTERFACE_V2_H

/* The newest interface version that this header describes. */
#define UHYVE_INTERFACE_VERSION 3

/* ---- Hypercall numbers ------------------------------------------------- */

/* Since version 2. */
#define UHYVE_EXIT 0x1010
#define UHYVE_SERIAL_WRITE_BYTE 0x1020
#define UHYVE_SERIAL_WRITE_BUFFER 0x1030
#define UHYVE_SERIAL_READ_BYTE 0x1040
#define UHYVE_SERIAL_READ_BUFFER 0x1050
#define UHYVE_FILE_WRITE 0x1100
#define UHYVE_FILE_OPEN 0x1110
#define UHYVE_FILE_CLOSE 0x1120
#define UHYVE_FILE_READ 0x1130
#define UHYVE_FILE_LSEEK 0x1140
#define UHYVE_FILE_UNLINK 0x1150

/* Since version 3. */
#define UHYVE_GETDENTS 0x1160
#define UHYVE_FILE_STAT 0x1170
#define UHYVE_FILE_FSTAT 0x1180
#define UHYVE_MKDIR 0x1190

/* Reserved: numbers without a meaning yet, never used for anything else. */
#define UHYVE_SHARED_MEM_OPEN 0x1200
#define UHYVE_SHARED_MEM_CLOSE 0x1210

/* ---- Open flags, as on Linux/x86-64 whatever the architecture ----------- */

#define UHYVE_O_RDONLY 0x0
#define UHYVE_O_WRONLY 0x1
#define UHYVE_O_RDWR 0x2
#define UHYVE_O_ACCMODE 0x3
#define UHYVE_O_CREAT 0x40
#define UHYVE_O_EXCL 0x80
#define UHYVE_O_TRUNC 0x200
#define UHYVE_O_APPEND 0x400
#define UHYVE_O_DIRECTORY 0x10000
/* Every flag that has a meaning; the others are ignored. */
#define UHYVE_O_ALLOWED 0x106c3

/* ---- FileLseek: the position that offset is relative to ------------------ */

#define UHYVE_SEEK_SET 0
#define UHYVE_SEEK_CUR 1
#define UHYVE_SEEK_END 2
#define UHYVE_SEEK_DATA 3
#define UHYVE_SEEK_HOLE 4

/* ---- Error numbers, as on Linux; others of Linux' 1 to 133 may occur ----- */

#define UHYVE_EPERM 1
#define UHYVE_ENOENT 2
#define UHYVE_EIO 5
#define UHYVE_EBADF 9
#define UHYVE_EACCES 13
#define UHYVE_EFAULT 14
#define UHYVE_EBUSY 16
#define UHYVE_EEXIST 17
#define UHYVE_ENOTDIR 20
#define UHYVE_EISDIR 21
#define UHYVE_EINVAL 22
#define UHYVE_EMFILE 24
#define UHYVE_EFBIG 27
#define UHYVE_ENOSPC 28
#define UHYVE_ESPIPE 29
#define UHYVE_EROFS 30
#define UHYVE_ENAMETOOLONG 36
#define UHYVE_ENOSYS 38
#define UHYVE_ELOOP 40
#define UHYVE_EOVERFLOW 75
/* The largest error number that may be reported. */
#define UHYVE_ERRNO_MAX 133

/* ---- FileStat: kind ------------------------------------------------------ */

#define UHYVE_STAT_FOLLOW 0
#define UHYVE_STAT_NOFOLLOW 1

/* ---- FileAttr: st_mode --------------------------------------------------- */

#define UHYVE_S_IFMT 0170000
#define UHYVE_S_IFIFO 0010000
#define UHYVE_S_IFCHR 0020000
#define UHYVE_S_IFDIR 0040000
#define UHYVE_S_IFBLK 0060000
#define UHYVE_S_IFREG 0100000
#define UHYVE_S_IFLNK 0120000
#define UHYVE_S_IFSOCK 0140000

/* ---- Directory entries: d_type ------------------------------------------- */

#define UHYVE_DT_UNKNOWN 0
#define UHYVE_DT_FIFO 1
#define UHYVE_DT_CHR 2
#define UHYVE_DT_DIR 4
#define UHYVE_DT_BLK 6
#define UHYVE_DT_REG 8
#define UHYVE_DT_LNK 10
#define UHYVE_DT_SOCK 12
#define UHYVE_DT_WHITEOUT 14

/* ---- Tags of the result unions ------------------------------------------- */

/* No answer: the value that a guest presets. */
#define UHYVE_RESULT_NONE 0

#define UHYVE_GETDENTS_SUCCESS 1
#define UHYVE_GETDENTS_END 2
#define UHYVE_GETDENTS_ERROR 3

#define UHYVE_STAT_SUCCESS 1
#define UHYVE_STAT_ERROR 2

#define UHYVE_MKDIR_SUCCESS 1
#define UHYVE_MKDIR_ERROR 2

/* The value of a SerialReadByte when there is no byte. */
#define UHYVE_SERIAL_NO_BYTE 0xffffffff

#ifndef __ASSEMBLER__

#include <stdint.h>

#ifdef __cplusplus
#define UHYVE_STATIC_ASSERT(what, text) static_assert(what, text)
#define UHYVE_ALIGNOF(type) alignof(type)
#else
#define UHYVE_STATIC_ASSERT(what, text) _Static_assert(what, text)
#define UHYVE_ALIGNOF(type) _Alignof(type)
#endif

/*
 * The types of the description (calls.def), and what is asserted with it: sizes,
 * alignments, offsets and, where the language can compare them, the types.
 */
#define UHYVE_TYPE_u8 uint8_t
#define UHYVE_TYPE_u16 uint16_t
#define UHYVE_TYPE_u32 uint32_t
#define UHYVE_TYPE_u64 uint64_t
#define UHYVE_TYPE_i32 int32_t
#define UHYVE_TYPE_i64 int64_t
#define UHYVE_TYPE_i32x128 int32_t[128]
#define UHYVE_TYPE_gpa struct uhyve_gpa
#define UHYVE_TYPE_timespec struct uhyve_timespec
#define UHYVE_TYPE_pad4 uint8_t[4]
#define UHYVE_TYPE_pad5 uint8_t[5]
#define UHYVE_TYPE_pad6 uint8_t[6]
#define UHYVE_TYPE_pad7 uint8_t[7]

#define UHYVE_ASSERT_LAYOUT(type, size, align)                                 \
	UHYVE_STATIC_ASSERT(sizeof(struct type) == (size), #type " size");     \
	UHYVE_STATIC_ASSERT(UHYVE_ALIGNOF(struct type) == (align),             \
			    #type " alignment")
#ifdef __cplusplus
#define UHYVE_SAME_TYPE(type, field, other)                                    \
	(sizeof(static_cast<struct type *>(nullptr)->field) == sizeof(other))
#else
#define UHYVE_SAME_TYPE(type, field, other)                                    \
	__builtin_types_compatible_p(__typeof__(((struct type *)0)->field),    \
				     other)
#endif
#define UHYVE_ASSERT_MEMBER(type, field, offset, other)                        \
	UHYVE_STATIC_ASSERT(__builtin_offsetof(struct type, field) ==          \
				    (offset),                                  \
			    #type "." #field " offset");                       \
	UHYVE_STATIC_ASSERT(UHYVE_SAME_TYPE(type, field, other),               \
			    #type "." #field " type")

UHYVE_STATIC_ASSERT(UHYVE_ALIGNOF(uint64_t) == 8, "uint64_t is 8-aligned");
UHYVE_STATIC_ASSERT(UHYVE_ALIGNOF(uint32_t) == 4, "uint32_t is 4-aligned");

/*
 * A guest-physical address. A structure of its own, so that no compiler lets it
 * be dereferenced or added to by accident on either side.
 */
struct uhyve_gpa {
	uint64_t addr;
};

/* ---- Serial console ------------------------------------------------------ */

/* SerialWriteBuffer: writes len bytes at buf to the console. No result. */
struct uhyve_serial_write_params {
	uint64_t len;         /* IN, bytes */
	struct uhyve_gpa buf; /* IN, len bytes that the hypervisor reads */
};

/* SerialReadBuffer: reads at most maxlen bytes of console input to buf. */
struct uhyve_serial_read_params {
	uint64_t maxlen;      /* IN, bytes */
	uint64_t len;         /* OUT, bytes stored, 0 to maxlen */
	struct uhyve_gpa buf; /* IN, maxlen bytes that the hypervisor writes */
};

/* ---- Files --------------------------------------------------------------- */

/* FileWrite: writes len bytes at buf to fd. */
struct uhyve_write_params {
	uint64_t len;         /* IN, bytes */
	int64_t ret;          /* OUT, bytes written, or -errno */
	struct uhyve_gpa buf; /* IN, len bytes that the hypervisor reads */
	int32_t fd;           /* IN */
	uint8_t pad[4];
};

/* FileRead: reads at most len bytes of fd to buf. */
struct uhyve_read_params {
	uint64_t len;         /* IN, bytes */
	int64_t ret;          /* OUT, bytes read, 0 at the end, or -errno */
	struct uhyve_gpa buf; /* IN, len bytes that the hypervisor writes */
	int32_t fd;           /* IN */
	uint8_t pad[4];
};

/*
 * FileOpen, FileClose and FileUnlink are the layouts of version 1: packed, of
 * any alignment, so a field may be unaligned.
 */
#define UHYVE_PACKED __attribute__((packed))

/* FileOpen: opens or creates the file name. */
struct UHYVE_PACKED uhyve_open_params {
	struct uhyve_gpa name; /* IN, NUL-terminated path */
	int32_t flags;         /* IN, UHYVE_O_* */
	int32_t mode;          /* IN, permission bits of a new file */
	int32_t ret;           /* OUT, descriptor from 3 on, or -errno */
};

/* FileClose: gives up the descriptor fd. */
struct UHYVE_PACKED uhyve_close_params {
	int32_t fd;  /* IN */
	int32_t ret; /* OUT, 0 or -errno */
};

/* FileUnlink: removes the name of a file. */
struct UHYVE_PACKED uhyve_unlink_params {
	struct uhyve_gpa name; /* IN, NUL-terminated path */
	int32_t ret;           /* OUT, 0 or -errno */
};

/* FileLseek: moves the position of fd. */
struct uhyve_lseek_params {
	int64_t offset;  /* IN/OUT, bytes; then the position, or -errno */
	uint32_t whence; /* IN, UHYVE_SEEK_* */
	int32_t fd;      /* IN */
};

/* ---- Version 3: directories and attributes ------------------------------- */

/* Result of Getdents; error is a positive error number. */
struct uhyve_getdents_result {
	uint32_t tag; /* OUT, UHYVE_RESULT_NONE, UHYVE_GETDENTS_* */
	uint8_t pad[4];
	union {
		uint64_t len;  /* OUT with _SUCCESS, bytes of records stored */
		int32_t error; /* OUT with _ERROR */
	};
};

/* Result of FileStat and FileFstat; error is a positive error number. */
struct uhyve_stat_result {
	uint32_t tag;  /* OUT, UHYVE_RESULT_NONE, UHYVE_STAT_SUCCESS, _ERROR */
	int32_t error; /* OUT with UHYVE_STAT_ERROR */
};

/* Result of Mkdir; error is a positive error number. */
struct uhyve_mkdir_result {
	uint32_t tag;  /* OUT, UHYVE_RESULT_NONE, UHYVE_MKDIR_SUCCESS, _ERROR */
	int32_t error; /* OUT with UHYVE_MKDIR_ERROR */
};

/* Getdents: the next directory entries of fd, as uhyve_dirent records. */
struct uhyve_getdents_params {
	int32_t fd; /* IN */
	uint8_t pad[4];
	struct uhyve_gpa buf;             /* IN, len bytes to write */
	uint64_t len;                     /* IN, bytes */
	struct uhyve_getdents_result ret; /* OUT */
};

/* FileStat: the attributes of a name. */
struct uhyve_stat_params {
	struct uhyve_gpa name; /* IN, NUL-terminated path */
	uint32_t kind;         /* IN, UHYVE_STAT_FOLLOW or _NOFOLLOW */
	uint8_t pad[4];
	struct uhyve_gpa attr;        /* IN, one uhyve_file_attr to write */
	struct uhyve_stat_result ret; /* OUT */
};

/* FileFstat: the attributes of an open file. */
struct uhyve_fstat_params {
	int32_t fd; /* IN */
	uint8_t pad[4];
	struct uhyve_gpa attr;        /* IN, one uhyve_file_attr to write */
	struct uhyve_stat_result ret; /* OUT */
};

/* Mkdir: creates a directory. Provisional: upstream means to change it. */
struct uhyve_mkdir_params {
	struct uhyve_gpa path;         /* IN, NUL-terminated path */
	uint64_t len;                  /* IN, bytes of path with its NUL */
	struct uhyve_mkdir_result ret; /* OUT */
};

/* A point in time since the Unix epoch. */
struct uhyve_timespec {
	int64_t tv_sec;  /* seconds */
	int32_t tv_nsec; /* nanoseconds, 0 to 999,999,999 */
	uint8_t pad[4];
};

/* The attributes that FileStat and FileFstat store at attr. */
struct uhyve_file_attr {
	uint64_t st_dev;
	uint64_t st_ino;
	uint64_t st_nlink;
	uint32_t st_mode; /* UHYVE_S_IF* and permission bits */
	uint32_t st_uid;
	uint32_t st_gid;
	uint8_t pad[4];
	uint64_t st_rdev;
	int64_t st_size;    /* bytes */
	int64_t st_blksize; /* bytes */
	int64_t st_blocks;  /* units of 512 bytes */
	struct uhyve_timespec st_atim;
	struct uhyve_timespec st_mtim;
	struct uhyve_timespec st_ctim;
};

/*
 * The head of a directory entry. The name follows at UHYVE_DIRENT_NAME, ends in
 * a NUL, and the next record begins d_reclen bytes after this one.
 */
struct uhyve_dirent {
	uint64_t d_ino;
	int64_t d_off;     /* opaque */
	uint16_t d_reclen; /* bytes, a multiple of 8, at least 24 */
	uint8_t d_type;    /* UHYVE_DT_* */
	uint8_t pad[5];    /* the first bytes of the name */
};
#define UHYVE_DIRENT_NAME 19

/* ---- The description is what stands above -------------------------------- */

#define UHYVE_CALL(name, constant, number, since, argument, block, area)       \
	UHYVE_STATIC_ASSERT(UHYVE_##constant == (number), #name " number");
#define UHYVE_FIELD(name, block, field, offset, type, direction, kind, length) \
	UHYVE_ASSERT_MEMBER(uhyve_##block, field, offset, UHYVE_TYPE_##type);
#define UHYVE_TAG(name, constant, value, label, payload)                       \
	UHYVE_STATIC_ASSERT(UHYVE_##constant == (value), #name " " #label);
#define UHYVE_STRUCT(name, size, align)                                        \
	UHYVE_ASSERT_LAYOUT(uhyve_##name, size, align);
#define UHYVE_MEMBER(name, member, offset, type, arch)                         \
	UHYVE_ASSERT_MEMBER(uhyve_##name, member, offset, UHYVE_TYPE_##type);
#include "calls.def"

#define UHYVE_STRUCT(name, size, align)                                        \
	UHYVE_ASSERT_LAYOUT(uhyve_##name, size, align);
#define UHYVE_MEMBER(name, member, offset, type, arch)                         \
	UHYVE_ASSERT_MEMBER(uhyve_##name, member, offset, UHYVE_TYPE_##type);
#define UHYVE_CONSTANT(group, name, value)                                     \
	UHYVE_STATIC_ASSERT(UHYVE_##name == (value), #name);
#include "v2.def"

#endif /* __ASSEMBLER__ */
#endif /* UHYVE_INTERFACE_V2_H */
