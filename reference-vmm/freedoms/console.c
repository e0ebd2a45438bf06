/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Freedoms of the console, of its input and of Exit. */
#include "freedoms.h"

#include <pthread.h>
#include <sched.h>

/* ---- Exit ---------------------------------------------------------------- */

static enum call_outcome exit_slow(struct call *call)
{
	taken();
	pause_ms((int)strength(300, 400));
	return original(call);
}

/* ---- Output -------------------------------------------------------------- */

#define KEPT 8192
static pthread_mutex_t kept_lock = PTHREAD_MUTEX_INITIALIZER;
static char kept[KEPT];
static size_t kept_len;

/* With kept_lock held. */
static void let_go(struct console *console)
{
	console_write(console, kept, kept_len);
	kept_len = 0;
}

/* A line at a time, as a buffered stream of the C library would. */
static void late(struct console *console, const void *bytes, size_t len)
{
	pthread_mutex_lock(&kept_lock);
	if (len > KEPT - kept_len)
		let_go(console);
	if (len > KEPT) {
		console_write(console, bytes, len);
	} else {
		memcpy(kept + kept_len, bytes, len);
		kept_len += len;
		if (memchr(bytes, '\n', len))
			let_go(console);
		else
			taken();
	}
	pthread_mutex_unlock(&kept_lock);
}

static void late_end(struct console *console)
{
	/* Not by its name, which would begin the chain again. */
	pthread_mutex_lock(&kept_lock);
	__real_console_write(console, kept, kept_len);
	kept_len = 0;
	pthread_mutex_unlock(&kept_lock);
	console_release(console);
}

/* UHY-SWBUF-009 protects 4096 bytes. */
static void torn(struct console *console, const void *bytes, size_t len)
{
	const char *rest = bytes;

	for (; len > 4096; rest += 1024, len -= 1024) {
		taken();
		console_write(console, rest, 1024);
		sched_yield();
	}
	console_write(console, rest, len);
}

static enum call_outcome bad_buffer_ends(struct call *call)
{
	const struct uhyve_serial_write_params *p =
		&call->block.serial_write_params;

	if (gmem_at(&call->services->mem, p->buf, p->len))
		return original(call);
	taken();
	call->fault = "its buffer is not in guest memory";
	return CALL_FAULT;
}

static int64_t standard_error(struct files *files, int32_t fd, const void *from,
			      size_t len)
{
	if (fd != STDERR_FILENO || !from)
		return files_write(files, fd, from, len);
	taken();
	for (size_t done = 0; done < len;) {
		ssize_t n = write(STDERR_FILENO, (const char *)from + done,
				  len - done);
		if (n <= 0)
			break;
		done += (size_t)n;
	}
	return (int64_t)len;
}

/* ---- Input --------------------------------------------------------------- */

static ssize_t input_short(struct console *console, void *to, size_t len,
			   bool wait)
{
	const size_t most = strength(1, 5);

	if (len > most) {
		taken();
		len = most;
	}
	return console_read(console, to, len, wait);
}

static const struct variant rows[] = {
	{"exit-slow", APART, "Exit takes 300 ms", UHYVE_EXIT, exit_slow},
	{"console-late", TOGETHER, "the console waits for the end of a line",
	 .console_write = late, .console_release = late_end},
	{"console-torn", TOGETHER,
	 "a SerialWriteBuffer of more than 4096 bytes goes out in pieces",
	 .console_write = torn},
	{"serial-buffer-ends", TOGETHER,
	 "a SerialWriteBuffer that is not in RAM ends the machine",
	 UHYVE_SERIAL_WRITE_BUFFER, bad_buffer_ends},
	{"console-standard-error", TOGETHER,
	 "descriptor 2 is the hypervisor's standard error",
	 .files_write = standard_error},
	{"console-input-short", TOGETHER,
	 "console input comes one byte at a time", .console_read = input_short},
};
VARIANTS(rows);
