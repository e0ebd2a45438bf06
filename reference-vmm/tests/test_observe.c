/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Trace and statistics. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "fake.h"

static char *text;
static size_t size;

static void watch(struct fake *fake, enum observe_trace trace)
{
	fake->services.observer.trace = trace;
	fake->services.observer.stats = true;
	fake->services.observer.wanted = true;
	fake->services.observer.out = open_memstream(&text, &size);
	assert_non_null(fake->services.observer.out);
}

static void unwatch(struct fake *fake)
{
	fclose(fake->services.observer.out);
	fake->services.observer.out = NULL;
	fake->services.observer.trace = TRACE_NONE;
	fake->services.observer.wanted = false;
	free(text);
	text = NULL;
}

/* The last line begins so; the time after it differs from run to run. */
static void assert_line(struct fake *fake, const char *begin)
{
	fflush(fake->services.observer.out);
	assert_true(size > 0 && text[size - 1] == '\n');
	text[size - 1] = '\0';
	const char *line = strrchr(text, '\n');
	line = line ? line + 1 : text;
	if (strncmp(line, begin, strlen(begin)) != 0)
		fail_msg("%s\nis not\n%s", line, begin);
	rewind(fake->services.observer.out);
}

static void lines(void **state)
{
	struct fake *fake = *state;

	watch(fake, TRACE_TEXT);
	fake_open(fake, "/data/f\n\"\xff\"",
		  UHYVE_O_RDWR | UHYVE_O_CREAT | 0x80000, 0644);
	assert_line(fake, "0 FileOpen(name=\"/data/f\\n\\\"\\xff\\\"\", "
			  "flags=O_RDWR|O_CREAT|0x80000, mode=0644) = "
			  "-EINVAL <");
	fake_open(fake, "/data/f", UHYVE_O_RDWR | UHYVE_O_CREAT, 0644);
	assert_line(fake, "0 FileOpen(name=\"/data/f\", flags=O_RDWR|O_CREAT, "
			  "mode=0644) = 3 <");
	fake_put(fake, 3, "hello\n");
	assert_line(fake, "0 FileWrite(len=6, buf=\"hello\\n\", fd=3) = 6 <");
	fake_put(fake, 3, "0123456789012345678901234567890123456789");
	assert_line(fake, "0 FileWrite(len=40, "
			  "buf=\"01234567890123456789012345678901\"..., "
			  "fd=3) = 40 <");
	fake_file_write(fake, 3, FAKE_END, 1);
	assert_line(fake, "0 FileWrite(len=1, buf=0x100020000, fd=3) = "
			  "-EFAULT <");
	fake_file_read(fake, -1, FAKE_BUFFER, 2);
	assert_line(fake, "0 FileRead(len=2, buf=0x100008000, fd=-1) = "
			  "-EBADF <");
	fake_lseek(fake, 3, -2, UHYVE_SEEK_END);
	assert_line(fake, "0 FileLseek(offset=-2, whence=SEEK_END, fd=3) = "
			  "44 <");
	fake_lseek(fake, 3, 0, 77);
	assert_line(fake, "0 FileLseek(offset=0, whence=77, fd=3) = -EINVAL <");
	fake_call(fake, UHYVE_EXIT, 0xffffffff);
	assert_line(fake, "0 Exit(-1) = ? <");
	fake_call(fake, UHYVE_SERIAL_WRITE_BYTE, 'a');
	assert_line(fake, "0 SerialWriteByte(0x61) <");
	unwatch(fake);
}

static void lines_without_a_block(void **state)
{
	struct fake *fake = *state;

	watch(fake, TRACE_TEXT);
	fake_call(fake, UHYVE_FILE_CLOSE, 7);
	assert_line(fake, "0 FileClose(0x7) fault: the parameter block is not "
			  "in guest memory <");
	fake_call(fake, 0x1234, 7);
	assert_line(fake, "0 write of unknown number 0x1234 (0x7) ignored");
	fake_call(fake, UHYVE_SHARED_MEM_OPEN, 7);
	assert_line(fake, "0 write of SharedMemOpen 0x1200 (0x7) ignored");
	fake_read(fake, UHYVE_FILE_OPEN);
	assert_line(fake, "0 read of FileOpen 0x1110 (0x0) ignored");
	host_stdin("x", 1);
	fake_read(fake, UHYVE_SERIAL_READ_BYTE);
	assert_line(fake, "0 SerialReadByte() = 0x78 <");
	fake_read(fake, UHYVE_SERIAL_READ_BYTE);
	assert_line(fake, "0 SerialReadByte() = none <");
	unwatch(fake);
}

static void lines_of_interface_3(void **state)
{
	struct fake *fake = *state;
	struct uhyve_getdents_params dents = {
		.fd = 3, .buf = {FAKE_BUFFER}, .len = 100};
	struct uhyve_stat_params stat = {.name = {FAKE_NAME}};

	fake_open(fake, "/data", UHYVE_O_DIRECTORY, 0);
	watch(fake, TRACE_TEXT);
	memcpy(fake_at(fake, FAKE_BLOCK), &dents, sizeof(dents));
	fake_call(fake, UHYVE_GETDENTS, FAKE_BLOCK);
	assert_line(fake, "0 Getdents(fd=3, buf=0x100008000, len=100) = "
			  "Success 48 <");
	fake_call(fake, UHYVE_GETDENTS, FAKE_BLOCK);
	assert_line(fake, "0 Getdents(fd=3, buf=0x100008000, len=100) = "
			  "EndOfDirectory");
	dents.fd = 9;
	memcpy(fake_at(fake, FAKE_BLOCK), &dents, sizeof(dents));
	fake_call(fake, UHYVE_GETDENTS, FAKE_BLOCK);
	assert_line(fake, "0 Getdents(fd=9, buf=0x100008000, len=100) = "
			  "Error EBADF <");
	memcpy(fake_at(fake, FAKE_BLOCK), &stat, sizeof(stat));
	fake_call(fake, UHYVE_FILE_STAT, FAKE_BLOCK);
	assert_line(fake, "0 FileStat(name=\"/data\", kind=FOLLOW, attr=0x0) = "
			  "Error EFAULT <");
	unwatch(fake);
}

/* A name is shown as it was used, also where the call's result overwrites it. */
static void names_before_the_call(void **state)
{
	struct fake *fake = *state;
	struct uhyve_stat_params stat = {.name = {FAKE_NAME},
					 .attr = {FAKE_NAME}};

	for (int trace = TRACE_TEXT; trace <= TRACE_JSON; trace++) {
		watch(fake, (enum observe_trace)trace);
		strcpy(fake_at(fake, FAKE_NAME), "/data");
		memcpy(fake_at(fake, FAKE_BLOCK), &stat, sizeof(stat));
		fake_call(fake, UHYVE_FILE_STAT, FAKE_BLOCK);
		assert_string_not_equal(fake_at(fake, FAKE_NAME), "/data");
		fflush(fake->services.observer.out);
		assert_non_null(strstr(text, trace == TRACE_TEXT
						     ? "name=\"/data\""
						     : "\"/data\""));
		unwatch(fake);
	}
}

static void json(void **state)
{
	struct fake *fake = *state;

	watch(fake, TRACE_JSON);
	fake_open(fake, "/data/\xc3\xa4\"", UHYVE_O_RDWR, 0);
	assert_line(fake, "{\"vcpu\":0,\"number\":4368,\"call\":\"FileOpen\","
			  "\"read\":false,\"argument\":4294971392,"
			  "\"outcome\":\"resume\",\"ns\":");
	assert_non_null(
		strstr(text, "\"in\":{\"name\":\"/data/\\u00c3\\u00a4\\\"\","
			     "\"flags\":2,\"mode\":0},\"out\":{\"ret\":-2}}"));
	fake_call(fake, 0x1234, 7);
	assert_line(fake, "{\"vcpu\":0,\"number\":4660,\"call\":null,"
			  "\"read\":false,\"argument\":7,"
			  "\"outcome\":\"ignored\",\"ns\":");
	fake_call(fake, UHYVE_FILE_CLOSE, 7);
	assert_line(fake, "{\"vcpu\":0,\"number\":4384,\"call\":\"FileClose\","
			  "\"read\":false,\"argument\":7,"
			  "\"outcome\":\"fault\",\"ns\":");
	unwatch(fake);
}

static void statistics(void **state)
{
	struct fake *fake = *state;
	char report[2048] = "";
	FILE *to = fmemopen(report, sizeof(report) - 1, "w");

	fake->services.observer.stats = true;
	fake->services.observer.wanted = true;
	for (int i = 0; i < 3; i++)
		fake_close(fake, 9);
	fake_call(fake, 0x1234, 0);
	fake_call(fake, UHYVE_SHARED_MEM_OPEN, 0);
	fake_call(fake, UHYVE_FILE_OPEN, 0);
	services_report(&fake->services, to);
	fclose(to);
	assert_non_null(
		strstr(report, "FileClose                           3"));
	assert_non_null(
		strstr(report, "(not offered)                       2"));
	assert_non_null(
		strstr(report, "FileOpen                            1"));
}

static void description(void **state)
{
	struct fake *fake = *state;
	char got[256];

	fake_close(fake, 9);
	FILE *to = fmemopen(got, sizeof(got), "w");
	observe_describe(&fake->call, to);
	fclose(to);
	assert_string_equal(got, "FileClose(fd=9)");
	fake_call(fake, UHYVE_FILE_CLOSE, FAKE_END - 1);
	to = fmemopen(got, sizeof(got), "w");
	observe_describe(&fake->call, to);
	fclose(to);
	assert_string_equal(got, "FileClose(0x10001ffff)");
}

#define WITH_FAKE(f)                                                           \
	cmocka_unit_test_setup_teardown(f, fake_setup, fake_teardown)

int observe_tests(void)
{
	const struct CMUnitTest tests[] = {
		WITH_FAKE(lines),
		WITH_FAKE(lines_without_a_block),
		WITH_FAKE(lines_of_interface_3),
		WITH_FAKE(names_before_the_call),
		WITH_FAKE(json),
		WITH_FAKE(statistics),
		WITH_FAKE(description),
	};

	return cmocka_run_group_tests_name("observing", tests, NULL, NULL);
}
