/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A machine without a processor: RAM with a guard page on both sides, services
 * with a mapped directory, the console in a file. Tests put blocks into RAM and
 * make calls as a vCPU would.
 */
#ifndef FAKE_H
#define FAKE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "call.h"
#include "services.h"

#define FAKE_START UINT64_C(0x100000000)
#define FAKE_SIZE UINT64_C(0x20000)
#define FAKE_END (FAKE_START + FAKE_SIZE)
/* A place for test data that may lie anywhere. */
#define FAKE_BLOCK (FAKE_START + 0x1000)
#define FAKE_NAME (FAKE_START + 0x2000)
#define FAKE_BUFFER (FAKE_START + 0x8000)

struct fake {
	struct services services;
	struct call_table table;
	struct call call;   /* the last one */
	char directory[64]; /* of the host: data/, console, tmp/ */
	char data[80];      /* mapped at /data */
	uint8_t *ram;
};

/* cmocka's set-up and tear-down; the state is a struct fake. */
int fake_setup(void **state);
int fake_teardown(void **state);

/* The host's pointer to a guest address. */
void *fake_at(struct fake *fake, uint64_t gpa);

/* A write to number, as a vCPU does it. */
enum call_outcome fake_call(struct fake *fake, uint64_t number,
			    uint64_t argument);
uint32_t fake_read(struct fake *fake, uint64_t number);

/* The file calls; blocks at FAKE_BLOCK, names at FAKE_NAME. */
int32_t fake_open(struct fake *fake, const char *name, int32_t flags,
		  int32_t mode);
int32_t fake_close(struct fake *fake, int32_t fd);
int64_t fake_file_read(struct fake *fake, int32_t fd, uint64_t buf,
		       uint64_t len);
int64_t fake_file_write(struct fake *fake, int32_t fd, uint64_t buf,
			uint64_t len);
/* The same with bytes of the host, which are put at FAKE_BUFFER. */
int64_t fake_put(struct fake *fake, int32_t fd, const char *text);
int64_t fake_lseek(struct fake *fake, int32_t fd, int64_t offset,
		   uint32_t whence);
int32_t fake_unlink(struct fake *fake, const char *name);

/* Host side: files of the mapped directory. */
void host_write(struct fake *fake, const char *name, const char *text);
/* The whole file, at most size - 1 bytes, with a NUL; its length or -errno. */
int host_read(const char *directory, const char *name, char *to, size_t size);
/* The bytes that reached the console so far equal text. */
void assert_console(struct fake *fake, const char *text);

/* Redirects standard input to these bytes, or to a file. */
void host_stdin(const void *bytes, size_t len);

/* The groups: one for each file. */
int gmem_tests(void);
int path_tests(void);
int descriptor_tests(void);
int table_tests(void);
int file_tests(void);
int name_tests(void);
int console_tests(void);
int directory_tests(void);
int exit_tests(void);
int v1_tests(void);
int observe_tests(void);
int corpus_tests(void);
int image_tests(void);
int boot_tests(void);
int sandbox_tests(void);
int option_tests(void);
int page_table_tests(void);

#endif
