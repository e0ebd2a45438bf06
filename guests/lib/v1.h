/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Calls of version 1. A guest that defines GUEST_INTERFACE as 1 reports and ends
 * through them, too.
 */
#ifndef GUEST_V1_H
#define GUEST_V1_H

#include "test.h"

#include <uhyve_interface/v1.h>

static inline void v1_call(uint16_t number, uint64_t argument)
{
#if defined(__x86_64__)
	/* RDI has no meaning here; its content is a test of its own. */
	__asm__ volatile("outl %%eax, %%dx"
			 :
			 : "d"(number), "a"((uint32_t)argument), "D"(0)
			 : "memory");
#else
	uhyve_call(number, argument);
#endif
}

static inline void v1_call_block(uint16_t number, volatile void *block)
{
	v1_call(number, uhyve_gpa_of(block).addr);
}

static inline int32_t v1_open(const char *path, int32_t flags, int32_t mode)
{
	static struct uhyve_open_params block;
	block = (struct uhyve_open_params){uhyve_gpa_of(path), flags, mode,
					   UNANSWERED};
	v1_call_block(UHYVE_V1_FILE_OPEN, &block);
	return block.ret;
}

static inline int32_t v1_close(int32_t fd)
{
	static struct uhyve_close_params block;
	block = (struct uhyve_close_params){fd, UNANSWERED};
	v1_call_block(UHYVE_V1_FILE_CLOSE, &block);
	return block.ret;
}

static inline int32_t v1_unlink(const char *path)
{
	static struct uhyve_unlink_params block;
	block = (struct uhyve_unlink_params){uhyve_gpa_of(path), UNANSWERED};
	v1_call_block(UHYVE_V1_FILE_UNLINK, &block);
	return block.ret;
}

static inline void v1_write(int32_t fd, const void *buf, uint64_t len)
{
	static struct uhyve_v1_write_params block;
	block = (struct uhyve_v1_write_params){fd, (uint64_t)(uintptr_t)buf,
					       len};
	v1_call_block(UHYVE_V1_FILE_WRITE, &block);
}

static inline int64_t v1_read(int32_t fd, volatile void *buf, uint64_t len)
{
	static struct uhyve_v1_read_params block;
	block = (struct uhyve_v1_read_params){fd, (uint64_t)(uintptr_t)buf, len,
					      UNANSWERED};
	v1_call_block(UHYVE_V1_FILE_READ, &block);
	return block.ret;
}

static inline int64_t v1_lseek(int32_t fd, int64_t offset, int32_t whence)
{
	static struct uhyve_v1_lseek_params block;
	block = (struct uhyve_v1_lseek_params){fd, offset, whence};
	v1_call_block(UHYVE_V1_FILE_LSEEK, &block);
	return block.offset;
}

static inline _Noreturn void v1_exit(int32_t code)
{
	static struct uhyve_v1_exit_params block;
	block.code = code;
	v1_call_block(UHYVE_V1_EXIT, &block);
	guest_park();
}

#endif
