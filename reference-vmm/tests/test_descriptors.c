/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The table of descriptors: numbers, and calls on several threads. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"

static int some_file(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static int add(struct descriptors *table, int host)
{
	int error = descriptors_reserve(table);

	return error ? error : descriptors_add(table, host);
}

static bool is_open(int host)
{
	return fcntl(host, F_GETFD) >= 0;
}

static void lowest_number(void **state)
{
	static struct descriptors table;

	(void)state;
	descriptors_init(&table);
	for (int i = DESCRIPTORS_FIRST; i < 10; i++)
		assert_int_equal(add(&table, some_file()), i);
	assert_int_equal(descriptors_close(&table, 7), 0);
	assert_int_equal(descriptors_close(&table, 4), 0);
	assert_int_equal(descriptors_close(&table, 4), -EBADF);
	assert_int_equal(add(&table, some_file()), 4);
	assert_int_equal(add(&table, some_file()), 7);
	assert_int_equal(add(&table, some_file()), 10);
	descriptors_release(&table);
}

/* While judging a number comes again only after all the others. */
static void ascending_numbers(void **state)
{
	static struct descriptors table;

	(void)state;
	descriptors_init(&table);
	table.ascending = true;
	assert_int_equal(add(&table, some_file()), DESCRIPTORS_FIRST);
	assert_int_equal(add(&table, some_file()), DESCRIPTORS_FIRST + 1);
	assert_int_equal(descriptors_close(&table, DESCRIPTORS_FIRST), 0);
	for (int i = DESCRIPTORS_FIRST + 2; i < DESCRIPTORS_END; i++) {
		assert_int_equal(add(&table, some_file()), i);
		assert_int_equal(descriptors_close(&table, i), 0);
	}
	assert_int_equal(add(&table, some_file()), DESCRIPTORS_FIRST);
	table.first = DESCRIPTORS_END - 1;
	assert_int_equal(add(&table, some_file()), DESCRIPTORS_END - 1);
	table.first = DESCRIPTORS_END - 1;
	assert_int_equal(add(&table, some_file()), DESCRIPTORS_FIRST + 2);
	descriptors_release(&table);
}

static void no_descriptor(void **state)
{
	static const int32_t bad[] = {0,  1,       2,      3, DESCRIPTORS_END,
				      -1, INT_MIN, INT_MAX};
	static struct descriptors table;

	(void)state;
	descriptors_init(&table);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_null(descriptors_get(&table, bad[i]));
		assert_int_equal(descriptors_close(&table, bad[i]), -EBADF);
	}
	descriptors_release(&table);
}

/* The host's file stays open until the call on it has ended. */
static void closed_in_use(void **state)
{
	static struct descriptors table;
	int host = some_file();

	(void)state;
	descriptors_init(&table);
	assert_int_equal(add(&table, host), 3);
	struct descriptor *used = descriptors_get(&table, 3);
	assert_int_equal(used->host, host);
	assert_int_equal(descriptors_close(&table, 3), 0);
	assert_true(is_open(host));
	assert_null(descriptors_get(&table, 3));
	assert_int_equal(descriptors_close(&table, 3), -EBADF);
	/* Its slot is not given out before that either. */
	assert_int_equal(add(&table, some_file()), 4);
	descriptors_put(used);
	assert_false(is_open(host));
	assert_int_equal(add(&table, some_file()), 3);
	descriptors_release(&table);
}

static void full(void **state)
{
	static struct descriptors table;

	(void)state;
	descriptors_init(&table);
	for (int i = DESCRIPTORS_FIRST; i < DESCRIPTORS_END; i++)
		assert_int_equal(add(&table, some_file()), i);
	assert_int_equal(descriptors_reserve(&table), -EMFILE);
	/* Promises count. */
	assert_int_equal(descriptors_close(&table, 5), 0);
	assert_int_equal(descriptors_reserve(&table), 0);
	assert_int_equal(descriptors_reserve(&table), -EMFILE);
	descriptors_unreserve(&table);
	assert_int_equal(descriptors_reserve(&table), 0);
	assert_int_equal(descriptors_add(&table, some_file()), 5);
	assert_int_equal(descriptors_reserve(&table), -EMFILE);
	descriptors_release(&table);
}

/* ---- Several vCPUs ------------------------------------------------------- */

#define THREADS 4
#define ROUNDS 2000

static void *open_and_close(void *argument)
{
	struct descriptors *table = argument;
	uintptr_t wrong = 0;

	for (unsigned i = 0; i < ROUNDS; i++) {
		int fd = add(table, dup(STDERR_FILENO));
		struct descriptor *d = descriptors_get(table, fd);
		wrong += !d || !is_open(d->host);
		if (d)
			descriptors_put(d);
		wrong += descriptors_close(table, fd) != 0;
		/* Others may have it by now: any answer, no harm. */
		d = descriptors_get(table, fd);
		if (d)
			descriptors_put(d);
	}
	return (void *)wrong;
}

static void threads(void **state)
{
	static struct descriptors table;
	pthread_t thread[THREADS];

	(void)state;
	descriptors_init(&table);
	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&thread[i], NULL,
						open_and_close, &table),
				 0);
	for (int i = 0; i < THREADS; i++) {
		void *wrong;
		assert_int_equal(pthread_join(thread[i], &wrong), 0);
		assert_null(wrong);
	}
	for (int i = 0; i < DESCRIPTORS_END; i++)
		assert_int_equal(table.slots[i].users, 0);
	descriptors_release(&table);
}

/*
 * Two vCPUs close the same descriptors in the same instants, again and again: of the
 * two calls one succeeds (UHY-CONC-007). Guests hardly meet within nanoseconds; threads
 * that wait for a common flag do, and each loser has some time to catch up.
 */
#define MEETINGS 2000
#define SAME 64

static struct meeting {
	struct descriptors table;
	int fd[SAME];
	int result[2][SAME];
	atomic_uint round, done;
} meeting;

static void await(atomic_uint *value, unsigned wanted)
{
	for (unsigned tries = 1; atomic_load(value) != wanted; tries++)
		if (tries % 1000 == 0)
			sched_yield();
}

static void close_all(unsigned who)
{
	for (unsigned i = 0; i < SAME; i++)
		meeting.result[who][i] =
			descriptors_close(&meeting.table, meeting.fd[i]);
}

static void *other_closer(void *argument)
{
	(void)argument;
	for (unsigned round = 1; round <= MEETINGS; round++) {
		await(&meeting.round, round);
		close_all(1);
		atomic_store(&meeting.done, round);
	}
	return NULL;
}

static void closed_by_two(void **state)
{
	pthread_t other;
	unsigned wrong = 0;

	(void)state;
	descriptors_init(&meeting.table);
	assert_int_equal(pthread_create(&other, NULL, other_closer, NULL), 0);
	for (unsigned round = 1; round <= MEETINGS; round++) {
		for (unsigned i = 0; i < SAME; i++)
			meeting.fd[i] = add(&meeting.table, dup(STDERR_FILENO));
		atomic_store(&meeting.round, round);
		close_all(0);
		await(&meeting.done, round);
		for (unsigned i = 0; i < SAME; i++)
			wrong += (meeting.result[0][i] == 0) ==
				 (meeting.result[1][i] == 0);
	}
	assert_int_equal(pthread_join(other, NULL), 0);
	assert_int_equal(wrong, 0);
	descriptors_release(&meeting.table);
}

/* Appends of 4 threads, each through a call of its own: no byte is lost. */
struct appender {
	struct fake *fake;
	int32_t fd;
	unsigned index;
};

static void *append(void *argument)
{
	const struct appender *a = argument;
	struct call call = {.services = &a->fake->services,
			    .vcpu = a->index,
			    .number = UHYVE_FILE_WRITE};
	struct uhyve_write_params p = {
		.len = 8, .buf = {FAKE_BUFFER + a->index * 8}, .fd = a->fd};
	uintptr_t wrong = 0;

	call.argument = FAKE_BLOCK + a->index * sizeof(p);
	memset(fake_at(a->fake, p.buf.addr), 'a' + (int)a->index, 8);
	for (unsigned i = 0; i < ROUNDS; i++) {
		memcpy(fake_at(a->fake, call.argument), &p, sizeof(p));
		wrong += call_write(&a->fake->table, &call) != CALL_RESUME;
		wrong += call.block.write_params.ret != 8;
	}
	return (void *)wrong;
}

static void appends(void **state)
{
	struct fake *fake = *state;
	struct appender appenders[THREADS];
	pthread_t thread[THREADS];
	unsigned counts[THREADS] = {0};
	int32_t fd =
		fake_open(fake, "/data/f",
			  UHYVE_O_RDWR | UHYVE_O_CREAT | UHYVE_O_APPEND, 0644);

	for (unsigned i = 0; i < THREADS; i++) {
		appenders[i] = (struct appender){fake, fd, i};
		assert_int_equal(
			pthread_create(&thread[i], NULL, append, &appenders[i]),
			0);
	}
	for (unsigned i = 0; i < THREADS; i++) {
		void *wrong;
		assert_int_equal(pthread_join(thread[i], &wrong), 0);
		assert_null(wrong);
	}
	assert_int_equal(fake_lseek(fake, fd, 0, UHYVE_SEEK_SET), 0);
	for (unsigned i = 0; i < THREADS * ROUNDS; i++) {
		char piece[8];
		assert_int_equal(fake_file_read(fake, fd, FAKE_BUFFER, 8), 8);
		memcpy(piece, fake_at(fake, FAKE_BUFFER), 8);
		for (unsigned k = 1; k < 8; k++)
			assert_int_equal(piece[k], piece[0]);
		counts[piece[0] - 'a']++;
	}
	for (unsigned i = 0; i < THREADS; i++)
		assert_int_equal(counts[i], ROUNDS);
}

int descriptor_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lowest_number),
		cmocka_unit_test(ascending_numbers),
		cmocka_unit_test(no_descriptor),
		cmocka_unit_test(closed_in_use),
		cmocka_unit_test(full),
		cmocka_unit_test(threads),
		cmocka_unit_test(closed_by_two),
		cmocka_unit_test_setup_teardown(appends, fake_setup,
						fake_teardown),
	};

	return cmocka_run_group_tests_name("descriptors", tests, NULL, NULL);
}
