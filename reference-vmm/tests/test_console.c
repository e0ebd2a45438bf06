/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The serial calls and standard input. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "fake.h"

static void serial_write(struct fake *fake, uint64_t buf, uint64_t len)
{
	const struct uhyve_serial_write_params p = {len, {buf}};

	memcpy(fake_at(fake, FAKE_BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_SERIAL_WRITE_BUFFER, FAKE_BLOCK),
			 CALL_RESUME);
	assert_memory_equal(fake_at(fake, FAKE_BLOCK), &p, sizeof(p));
}

static uint64_t serial_read(struct fake *fake, uint64_t buf, uint64_t maxlen)
{
	struct uhyve_serial_read_params p = {maxlen, 77, {buf}};

	memcpy(fake_at(fake, FAKE_BLOCK), &p, sizeof(p));
	assert_int_equal(fake_call(fake, UHYVE_SERIAL_READ_BUFFER, FAKE_BLOCK),
			 CALL_RESUME);
	memcpy(&p, fake_at(fake, FAKE_BLOCK), sizeof(p));
	return p.len;
}

static void every_byte(void **state)
{
	struct fake *fake = *state;
	uint8_t *buffer = fake_at(fake, FAKE_BUFFER);
	char got[600];

	for (unsigned i = 0; i < 256; i++) {
		assert_int_equal(fake_call(fake, UHYVE_SERIAL_WRITE_BYTE,
					   i | UINT64_C(0xfffffffffffff00)),
				 CALL_RESUME);
		buffer[i] = (uint8_t)i;
	}
	serial_write(fake, FAKE_BUFFER, 256);
	assert_int_equal(
		host_read(fake->directory, "console", got, sizeof(got)), 512);
	assert_memory_equal(got, buffer, 256);
	assert_memory_equal(got + 256, buffer, 256);
}

static void ranges(void **state)
{
	struct fake *fake = *state;

	memcpy(fake_at(fake, FAKE_END - 3), "end", 3);
	serial_write(fake, FAKE_END - 3, 3);
	serial_write(fake, FAKE_END - 3, 4);
	serial_write(fake, FAKE_END, 1);
	serial_write(fake, 0, 1);
	serial_write(fake, FAKE_START, UINT64_MAX);
	serial_write(fake, UINT64_MAX, 2);
	serial_write(fake, 0, 0);
	serial_write(fake, UINT64_MAX, 0);
	assert_console(fake, "end");
}

/* A sink that fails: nothing happens to the guest. */
static void broken_sink(void **state)
{
	struct fake *fake = *state;
	int saved = fake->services.console.out;
	int full = open("/dev/full", O_WRONLY), ends[2];

	fake->services.console.out = full;
	serial_write(fake, FAKE_BUFFER, 16);
	assert_int_equal(fake_put(fake, 1, "abc"), 3);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	fake->services.console.out = ends[1];
	serial_write(fake, FAKE_BUFFER, 16);
	assert_int_equal(fake_put(fake, 2, "abc"), 3);
	/* Nowhere. */
	fake->services.console.out = -1;
	serial_write(fake, FAKE_BUFFER, 16);
	assert_int_equal(fake_put(fake, 1, "abc"), 3);
	close(full);
	close(ends[1]);
	fake->services.console.out = saved;
}

static void reading(void **state)
{
	struct fake *fake = *state;
	int ends[2];

	host_stdin("abc\xff\0defgh", 10);
	assert_int_equal(fake_read(fake, UHYVE_SERIAL_READ_BYTE), 'a');
	assert_int_equal(serial_read(fake, FAKE_BUFFER, 2), 2);
	assert_memory_equal(fake_at(fake, FAKE_BUFFER), "bc", 2);
	assert_int_equal(fake_read(fake, UHYVE_SERIAL_READ_BYTE), 0xff);
	assert_int_equal(fake_read(fake, UHYVE_SERIAL_READ_BYTE), 0);
	assert_int_equal(fake_file_read(fake, 0, FAKE_BUFFER, 2), 2);
	/* No byte is taken for a bad buffer or for none. */
	assert_int_equal(serial_read(fake, FAKE_END - 1, 2), 0);
	assert_int_equal(serial_read(fake, 0, 1), 0);
	assert_int_equal(serial_read(fake, 0, 0), 0);
	assert_int_equal(fake_file_read(fake, 0, 0, 1), -EFAULT);
	assert_int_equal(fake_file_read(fake, 0, 0, 0), 0);
	assert_int_equal(serial_read(fake, FAKE_BUFFER, 100), 3);
	assert_memory_equal(fake_at(fake, FAKE_BUFFER), "fgh", 3);
	/* The end, as often as one asks. */
	for (int i = 0; i < 2; i++) {
		assert_int_equal(serial_read(fake, FAKE_BUFFER, 100), 0);
		assert_int_equal(fake_read(fake, UHYVE_SERIAL_READ_BYTE),
				 UHYVE_SERIAL_NO_BYTE);
		assert_int_equal(fake_file_read(fake, 0, FAKE_BUFFER, 1), 0);
	}
	/* "Nothing yet" is not the end, and the call does not wait. */
	assert_int_equal(pipe(ends), 0);
	fake->services.console.in = ends[0];
	assert_int_equal(fake_read(fake, UHYVE_SERIAL_READ_BYTE),
			 UHYVE_SERIAL_NO_BYTE);
	assert_int_equal(serial_read(fake, FAKE_BUFFER, 100), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(fake_read(fake, UHYVE_SERIAL_READ_BYTE), 'x');
	close(ends[0]);
	close(ends[1]);
}

/* ---- A read that waits --------------------------------------------------- */

static void *wait_for_input(void *argument)
{
	struct fake *fake = argument;
	static struct call call;
	struct uhyve_read_params p = {
		.len = 8, .buf = {FAKE_BUFFER + 0x1000}, .fd = 0};
	uint64_t block = FAKE_BUFFER + 0x2000;

	memcpy(fake_at(fake, block), &p, sizeof(p));
	call.services = &fake->services;
	call.number = UHYVE_FILE_READ;
	call.argument = block;
	if (call_write(&fake->table, &call) != CALL_RESUME)
		return (void *)1;
	return (void *)(uintptr_t)call.block.read_params.ret;
}

/* Others continue in the meantime, and the end of the machine ends the wait. */
static void waiting(void **state)
{
	struct fake *fake = *state;
	pthread_t thread;
	void *result;
	int ends[2];

	assert_int_equal(pipe(ends), 0);
	fake->services.console.in = ends[0];
	assert_int_equal(pthread_create(&thread, NULL, wait_for_input, fake),
			 0);
	usleep(20000);
	assert_int_equal(fake_put(fake, 1, "meanwhile"), 9);
	assert_int_equal(fake_read(fake, UHYVE_SERIAL_READ_BYTE),
			 UHYVE_SERIAL_NO_BYTE);
	assert_int_equal(fake_open(fake, "/data/f",
				   UHYVE_O_CREAT | UHYVE_O_WRONLY, 0644),
			 3);
	assert_int_equal(write(ends[1], "abc", 3), 3);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_int_equal((uintptr_t)result, 3);
	assert_int_equal(pthread_create(&thread, NULL, wait_for_input, fake),
			 0);
	usleep(20000);
	services_stop(&fake->services);
	assert_int_equal(pthread_join(thread, &result), 0);
	assert_int_equal((intptr_t)result, -EINTR);
	close(ends[0]);
	close(ends[1]);
}

#define WITH_FAKE(f)                                                           \
	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

/* Services that cannot be had: one line that says which, and nothing stays. */
static void refused(void **state)
{
	static const char *const mapping[] = {"/no/such/file:/data"};
	struct services_config config = {.output = "/no/such/console"};
	static struct services services;
	char message[SERVICES_MESSAGE] = "";

	(void)state;
	assert_int_equal(services_init(&services, &config, message), -ENOENT);
	assert_non_null(strstr(message, "output /no/such/console: "));
	config = (struct services_config){.mappings = mapping,
					  .mapping_count = 1};
	assert_int_equal(services_init(&services, &config, message), -ENOENT);
	assert_non_null(strstr(message, "/no/such/file"));
	config = (struct services_config){.tempdir = "/no/such/directory"};
	assert_int_equal(services_init(&services, &config, message), -ENOENT);
	assert_non_null(strstr(message, "/no/such/directory"));
	assert_null(strchr(message, '\n'));
}

int console_tests(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FAKE(every_byte),  WITH_FAKE(ranges),
		WITH_FAKE(broken_sink), WITH_FAKE(reading),
		WITH_FAKE(waiting),     cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}
