/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * interleave ROUNDS COMMAND... [-- COMMAND...]...: runs the commands in turn,
 * ROUNDS times, with output to /dev/null, and prints a line for each run:
 * number of the command, wall clock in nanoseconds from before vfork() to after
 * wait(), exit status. Nothing else happens in between, so that short runs
 * compare.
 */
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <spawn.h>
#include <sys/wait.h>
#include <time.h>

#define COMMANDS 8

static long long now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void run(int number, char **command, posix_spawn_file_actions_t *actions)
{
	static char *environment[] = {NULL};
	int status;
	pid_t child;
	long long begin = now_ns();
	if (posix_spawn(&child, command[0], actions, NULL, command,
			environment) != 0)
		errx(1, "cannot start %s", command[0]);
	if (waitpid(child, &status, 0) < 0)
		err(1, "waitpid");
	printf("%d %lld %d\n", number, now_ns() - begin, status);
}

int main(int argc, char **argv)
{
	char **commands[COMMANDS];
	int count = 0, rounds = argc > 2 ? atoi(argv[1]) : 0;
	posix_spawn_file_actions_t actions;
	if (rounds < 1)
		errx(2, "usage: interleave ROUNDS COMMAND... [-- COMMAND...]");
	for (int i = 2; i < argc; i++) {
		if (i == 2 || strcmp(argv[i - 1], "--") == 0) {
			if (count == COMMANDS)
				errx(2, "too many commands");
			commands[count++] = &argv[i];
		}
	}
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], "--") == 0)
			argv[i] = NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (int round = 0; round < rounds; round++)
		for (int i = 0; i < count; i++)
			run(i, commands[i], &actions);
	return 0;
}
