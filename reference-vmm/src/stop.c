/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "stop.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

int stop_init(struct stop *stop)
{
	atomic_init(&stop->stopped, false);
	stop->event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return stop->event < 0 ? -errno : 0;
}

void stop_release(struct stop *stop)
{
	if (stop->event >= 0)
		close(stop->event);
	stop->event = -1;
}

void stop_now(struct stop *stop)
{
	const uint64_t one = 1;

	atomic_store(&stop->stopped, true);
	/* It cannot fail: the counter is far from full. */
	if (write(stop->event, &one, sizeof(one)) < 0)
		return;
}

int stop_wait(const struct stop *stop, int fd, short events)
{
	struct pollfd polled[2] = {{.fd = fd, .events = events},
				   {.fd = stop->event, .events = POLLIN}};

	for (;;) {
		if (stop_is(stop))
			return -EINTR;
		if (poll(polled, 2, -1) < 0 && errno != EINTR)
			return -errno;
		if (polled[0].revents && !stop_is(stop))
			return 0;
	}
}
