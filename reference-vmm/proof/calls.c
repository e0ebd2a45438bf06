/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * For Frama-C's Eva: any number, argument and memory as a hypercall, on the way
 * that hypercall.c takes it, through the handlers of interfaces 2 and 3. Eva
 * reports whatever could be a run-time error; there must be none. What the
 * handlers call gives any result that its header allows.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "__fc_builtin.h"
#include "call.h"
#include "services.h"

#define RAM_SIZE 0x10000

static char ram[RAM_SIZE];
static struct services services;
static struct call_table table;

static int64_t any_count(void)
{
	return Frama_C_long_long_interval(-4095, INT64_MAX);
}

static int any_error(void)
{
	return Frama_C_interval(-4095, 0);
}

/* ---- Guest memory: gmem.h's contracts, which WP proves ------------------------ */

void *gmem_at(const struct gmem *mem, struct uhyve_gpa gpa, uint64_t len)
{
	return Frama_C_interval(0, 1)
		       ? NULL
		       : mem->host + Frama_C_interval(0, RAM_SIZE - 1);
}

int gmem_load(const struct gmem *mem, struct uhyve_gpa gpa, void *to,
	      size_t len)
{
	if (Frama_C_interval(0, 1))
		return -EFAULT;
	/*@ assert room: \valid((char *)to + (0 .. len - 1)); */
	Frama_C_make_unknown((char *)to, len);
	return 0;
}

int gmem_store(const struct gmem *mem, struct uhyve_gpa gpa, const void *from,
	       size_t len)
{
	/*@ assert bytes: \valid_read((char *)from + (0 .. len - 1)); */
	return Frama_C_interval(0, 1) ? -EFAULT : 0;
}

ptrdiff_t gmem_string(const struct gmem *mem, struct uhyve_gpa gpa, char *to,
		      size_t size)
{
	/*@ assert room: \valid(to + (0 .. size - 1)); */
	Frama_C_make_unknown(to, size);
	to[size - 1] = '\0';
	return Frama_C_interval(-4095, (int)size - 1);
}

int path_clean(const char *path, char clean[PATH_CLEAN_SIZE])
{
	/*@ assert room: \valid(clean + (0 .. PATH_CLEAN_SIZE - 1)); */
	Frama_C_make_unknown(clean, PATH_CLEAN_SIZE);
	clean[PATH_CLEAN_SIZE - 1] = '\0';
	return any_error();
}

/* ---- Version 1: other handlers, the same way in and out ---------------------- */

#define V1(name)                                                               \
	enum call_outcome name(struct call *call)                              \
	{                                                                      \
		Frama_C_make_unknown((char *)&call->block,                     \
				     sizeof(call->block));                     \
		return CALL_RESUME;                                            \
	}
V1(call_v1_write)
V1(call_v1_read)
V1(call_v1_exit)
V1(call_v1_lseek)
V1(call_v1_cmdsize)
V1(call_v1_cmdval)
V1(call_v1_serial_write)

/* ---- Files, names and console ------------------------------------------------ */

int files_open(struct files *files, const char *path, int32_t flags,
	       int32_t mode)
{
	return Frama_C_interval(-4095, INT32_MAX);
}

int files_close(struct files *files, int32_t fd)
{
	return any_error();
}

int64_t files_read(struct files *files, int32_t fd, void *to, size_t len)
{
	return any_count();
}

int64_t files_write(struct files *files, int32_t fd, const void *from,
		    size_t len)
{
	return any_count();
}

int64_t files_lseek(struct files *files, int32_t fd, int64_t offset,
		    uint32_t whence)
{
	return any_count();
}

int64_t files_getdents(struct files *files, int32_t fd, void *to, size_t len)
{
	return any_count();
}

int files_fstat(struct files *files, int32_t fd, struct stat *st)
{
	Frama_C_make_unknown((char *)st, sizeof(*st));
	return any_error();
}

int names_stat(const struct names *names, const char *path, bool follow,
	       struct stat *st)
{
	Frama_C_make_unknown((char *)st, sizeof(*st));
	return any_error();
}

int names_unlink(const struct names *names, const char *path)
{
	return any_error();
}

int names_mkdir(const struct names *names, const char *path)
{
	return any_error();
}

ssize_t console_read(struct console *console, void *to, size_t len, bool wait)
{
	/* One byte: of the handler; more: of guest memory. */
	if (len == 1)
		Frama_C_make_unknown((char *)to, 1);
	return any_count();
}

void console_write(struct console *console, const void *from, size_t len)
{
}

/* ---- Watchers: they see the call, and change nothing ------------------------- */

void judge_suspect(struct judge *judge, const struct call *call,
		   enum call_outcome outcome)
{
}

void observe_begin(struct observer *observer, struct observation *o,
		   const struct call *call)
{
}

void observe_end(struct observer *observer, const struct observation *o,
		 const struct call *call, enum call_outcome outcome)
{
}

/* ---- Any call ---------------------------------------------------------------- */

/* What the constants of the table promise to load() and store(). */
static void check_rows(void)
{
	for (unsigned i = 0; i < table.count; i++) {
		const struct call_row *row = &table.rows[i];
		/*@ assert block: row->block_size <= sizeof(union call_block); */
		/*@ assert outputs: row->out_offset + row->out_size <=
			row->block_size; */
		/*@ assert error: row->errors == 0 ||
			row->out_offset <= row->error_offset &&
			row->error_offset + 4 <= row->out_offset + row->out_size; */
		/*@ assert align: row->out_offset % 4 == 0; */
	}
}

static void any_call(struct call *call)
{
	if (Frama_C_interval(0, 1))
		call_write(&table, call);
	else
		call_read(&table, call);
}

int main(void)
{
	struct call call;

	call_table_init(&table);
	check_rows();
	services.mem = (struct gmem){ram, 0x100000000, RAM_SIZE};
	services.observer.wanted = Frama_C_interval(0, 1);
	Frama_C_make_unknown((char *)&call.block, sizeof(call.block));
	call.services = &services;
	call.vcpu = (unsigned)Frama_C_interval(0, 63);
	call.argument = Frama_C_unsigned_long_long_interval(0, UINT64_MAX);
	/* Each number of the table, and any that it does not have. */
	for (unsigned i = 0; i < table.count; i++) {
		call.number = table.rows[i].number;
		any_call(&call);
	}
	call.number = Frama_C_unsigned_long_long_interval(0x2000, UINT64_MAX);
	any_call(&call);
	return 0;
}
