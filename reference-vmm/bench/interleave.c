/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * interleave ROUNDS COMMAND... [--- COMMAND...]...: runs the commands, each once a
 * round in an order that changes, with output to /dev/null, and prints a line for
 * each run: number of the command, wall clock in nanoseconds from before vfork()
 * to after wait(), exit status. Nothing else happens in between, so that short
 * runs compare.
 *
 * Taking a machine apart ends at a tick of the kernel's clock. A run that began
 * where the last one ended would begin at a tick, too, and round its time up to
 * whole ticks; so each waits for a random part of the longest tick first.
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
#define TICK_NS 10000000 /* CONFIG_HZ=100 */

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

static void wait_for_part_of_a_tick(void)
{
	struct timespec part = {.tv_nsec = random() % TICK_NS};
	nanosleep(&part, NULL);
}

/* Fisher and Yates; the same orders in every session. */
static void shuffle(int *numbers, int count)
{
	for (int i = count - 1; i > 0; i--) {
		int j = (int)(random() % (i + 1)), kept = numbers[i];
		numbers[i] = numbers[j];
		numbers[j] = kept;
	}
}

int main(int argc, char **argv)
{
	char **commands[COMMANDS];
	int order[COMMANDS];
	int count = 0, rounds = argc > 2 ? atoi(argv[1]) : 0;
	posix_spawn_file_actions_t actions;
	if (rounds < 1)
		errx(2, "usage: interleave ROUNDS COMMAND... [--- COMMAND...]");
	for (int i = 2; i < argc; i++) {
		if (i == 2 || strcmp(argv[i - 1], "---") == 0) {
			if (count == COMMANDS)
				errx(2, "too many commands");
			order[count] = count;
			commands[count++] = &argv[i];
		}
	}
	for (int i = 2; i < argc; i++)
		if (strcmp(argv[i], "---") == 0)
			argv[i] = NULL;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
	for (int round = 0; round < rounds; round++) {
		shuffle(order, count);
		for (int i = 0; i < count; i++) {
			wait_for_part_of_a_tick();
			run(order[i], commands[order[i]], &actions);
		}
	}
	return 0;
}
