/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "console.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

int console_init(struct console *console, const char *output,
		 const struct stop *stop)
{
	*console = (struct console){
		.stop = stop, .out = STDOUT_FILENO, .in = STDIN_FILENO};
	pthread_mutex_init(&console->lock, NULL);
	pthread_mutex_init(&console->in_lock, NULL);
	if (!output)
		return 0;
	console->out = -1;
	if (strcmp(output, "none") == 0)
		return 0;
	console->out =
		open(output, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	console->own = console->out >= 0;
	return console->own ? 0 : -errno;
}

void console_release(struct console *console)
{
	if (console->own)
		close(console->out);
	pthread_mutex_destroy(&console->lock);
	pthread_mutex_destroy(&console->in_lock);
}

/* One write, retried until it moves bytes, fails or the machine ends. */
static ssize_t write_some(const struct console *console, const char *bytes,
			  size_t len)
{
	for (;;) {
		ssize_t n = write(console->out, bytes, len);
		if (n >= 0)
			return n ? n : -EIO;
		if (errno == EAGAIN) {
			int error =
				stop_wait(console->stop, console->out, POLLOUT);
			if (error)
				return error;
		} else if (errno != EINTR || stop_is(console->stop)) {
			return -errno;
		}
	}
}

void console_write(struct console *console, const void *bytes, size_t len)
{
	const char *rest = bytes;

	if (console->out < 0)
		return;
	pthread_mutex_lock(&console->lock);
	while (len > 0) {
		ssize_t n = write_some(console, rest, len);
		if (n < 0)
			break;
		rest += n;
		len -= (size_t)n;
	}
	pthread_mutex_unlock(&console->lock);
}

/*
 * Reads if a read would not wait, so that the lock is held for a moment only.
 */
static ssize_t read_ready(struct console *console, void *to, size_t len)
{
	struct pollfd polled = {.fd = console->in, .events = POLLIN};
	ssize_t n = -EAGAIN;

	pthread_mutex_lock(&console->in_lock);
	if (poll(&polled, 1, 0) > 0) {
		n = read(console->in, to, len);
		if (n < 0)
			n = errno == EINTR ? -EAGAIN : -errno;
	}
	pthread_mutex_unlock(&console->in_lock);
	return n;
}

ssize_t console_read(struct console *console, void *to, size_t len, bool wait)
{
	if (len == 0)
		return 0;
	for (;;) {
		ssize_t n = read_ready(console, to, len);
		if (n != -EAGAIN || !wait)
			return n;
		int error = stop_wait(console->stop, console->in, POLLIN);
		if (error)
			return error;
	}
}
