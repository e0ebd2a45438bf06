/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>
#include <linux/close_range.h>
#include <sys/syscall.h>

/* Descriptors below this are noted one by one, others are closed at once. */
#define NOTED 256

static bool inherited[NOTED];
static int close_range_error;

/*
 * poll() tells open from closed for all of them in one system call, as long as
 * the limit of descriptors allows as many. Standard descriptors that are closed
 * lead nowhere from now on, so that no other file of the program becomes the
 * guest's console.
 */
void sandbox_note_inherited(void)
{
	unsigned noted = NOTED;
	struct pollfd polled[NOTED];
	for (int i = 0; i < NOTED; i++)
		polled[i] = (struct pollfd){.fd = i};
	struct rlimit limit;
	if (poll(polled, noted, 0) < 0 &&
	    getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		if (limit.rlim_cur < noted)
			noted = (unsigned)limit.rlim_cur;
		poll(polled, noted, 0);
	}
	for (int i = 0; i <= STDERR_FILENO; i++)
		if (polled[i].revents & POLLNVAL)
			open("/dev/null", O_RDWR | O_NOCTTY);
	for (unsigned i = STDERR_FILENO + 1; i < noted; i++)
		inherited[i] = !(polled[i].revents & POLLNVAL);
	if (syscall(SYS_close_range, noted, ~0U, 0) < 0)
		close_range_error = -errno;
}

static void close_inherited(void)
{
	for (int i = 0; i < NOTED; i++)
		if (inherited[i])
			close(i);
}

/*
 * Takes the result of one layer into held; -1 when strict wants it and cannot.
 */
static int take(int *held, enum sandbox_layer layer, const char *name,
		int error, bool strict, struct why *why)
{
	if (error == 0)
		*held |= (int)layer;
	else if (strict)
		return refuse(why,
			      "this host has no %s (%s), which "
			      "--file-isolation=strict demands",
			      name, strerror(-error));
	else
		warning("this host has no %s (%s); the sandbox goes without%s",
			name, strerror(-error),
			layer == SANDBOX_NAMES ? ", and no file can be opened"
					       : "");
	return 0;
}

int sandbox_enter(const struct names *names, bool strict, struct why *why)
{
	int held = 0;
	close_inherited();
	const char *lacks = NULL;
	int error = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ? -errno : 0;
	if (take(&held, SANDBOX_DESCRIPTORS, "close_range", close_range_error,
		 strict, why) ||
	    take(&held, SANDBOX_PRIVILEGES, "no_new_privs", error, strict,
		 why) ||
	    take(&held, SANDBOX_NAMES, "openat2", names_probe(names), strict,
		 why) ||
	    take(&held, SANDBOX_LANDLOCK, "Landlock",
		 sandbox_landlock(names, &lacks), strict, why) ||
	    take(&held, SANDBOX_SECCOMP, "seccomp", sandbox_seccomp(), strict,
		 why))
		return -1;
	if (lacks && strict)
		return refuse(why,
			      "the Landlock of this host cannot restrict %s, "
			      "which --file-isolation=strict demands",
			      lacks);
	return held;
}
