/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Command lines: what they mean, and one line for each that means nothing. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fake.h"
#include "message.h"
#include "options.h"

#define MAX_WORDS 32
#define MIB (UINT64_C(1) << 20)

/* The options of the last line; static, so that a child that ends leaks nothing. */
static struct options options;

/* Cuts line at its blanks; line must stay while the options are used. */
static void parse(char *line)
{
	char *argv[MAX_WORDS + 1] = {"uhyve-ref"};
	int argc = 1;
	for (char *word = strtok(line, " "); word && argc < MAX_WORDS;
	     word = strtok(NULL, " "))
		argv[argc++] = word;
	argv[argc] = NULL;
	free(options.mappings.at);
	free(options.env.at);
	free(options.kernel_args.at);
	free(options.app_args.at);
	options = (struct options){0};
	optind = 0; /* getopt starts again */
	options_parse(&options, argc, argv);
}

/* The words, joined by blanks again. */
static void assert_words(const struct words *words, const char *expected)
{
	char text[200] = "";
	for (unsigned i = 0; i < words->count; i++) {
		strcat(text, i ? " " : "");
		strcat(text, words->at[i]);
	}
	assert_string_equal(text, expected);
}

static void defaults(void **state)
{
	char line[] = "image.elf";
	(void)state;
	parse(line);
	assert_string_equal(options.image, "image.elf");
	assert_int_equal(options.memory, 64 * MIB);
	assert_int_equal(options.cpus, 1);
	assert_true(options.aslr);
	assert_false(options.stats);
	assert_int_equal(options.trace, TRACE_NONE);
	assert_int_equal(options.sandbox, SANDBOX_NORMAL);
	assert_int_equal(options.time_limit, 0);
	assert_null(options.output);
	assert_null(options.tempdir);
	assert_words(&options.app_args, "");
}

static void everything(void **state)
{
	char line[] = "-m 1GiB --cpu-count=4 --file-mapping a:/a image "
		      "--file-mapping=b:c:/d -e A=1 --env-vars B= -o None "
		      "--no-aslr --thp --trace=json --stats --tempdir /t "
		      "--no-sandbox --time-limit=1000000";
	(void)state;
	parse(line);
	assert_string_equal(options.image, "image");
	assert_int_equal(options.memory, 1024 * MIB);
	assert_int_equal(options.cpus, 4);
	assert_words(&options.mappings, "a:/a b:c:/d");
	assert_words(&options.env, "A=1 B=");
	assert_string_equal(options.output, "none");
	assert_false(options.aslr);
	assert_int_equal(options.trace, TRACE_JSON);
	assert_true(options.stats);
	assert_true(options.huge_pages);
	assert_string_equal(options.tempdir, "/t");
	assert_int_equal(options.sandbox, SANDBOX_OFF);
	assert_int_equal(options.time_limit, 1000000);
}

static const struct {
	const char *line, *kernel, *app;
} separations[] = {
	{"i", "", ""},
	{"i k1 k2", "k1 k2", ""},
	{"i -- k1 -m", "k1 -m", ""}, /* the first one is not the guest's */
	{"i k1 -- k2", "k1 k2", ""},
	{"i -- -- a1 -m", "", "a1 -m"},
	{"i -- k1 -v -- a1", "k1 -v", "a1"},
	{"i k1 -- k2 -- a1 -- a2", "k1 k2", "a1 -- a2"},
	{"i --", "", ""},
	{"-- i k -- a", "k", "a"},
};

static void separates_arguments(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(separations) / sizeof(separations[0]);
	     i++) {
		char line[100];
		strcpy(line, separations[i].line);
		parse(line);
		assert_string_equal(options.image, "i");
		assert_words(&options.kernel_args, separations[i].kernel);
		assert_words(&options.app_args, separations[i].app);
	}
}

static const struct {
	const char *text;
	uint64_t size;
} sizes[] = {
	{"16MiB", 16 * MIB},     {"33554432", 32 * MIB}, {"32768K", 32 * MIB},
	{"2G", 2048 * MIB},      {"2GiB", 2048 * MIB},   {"64m", 64 * MIB},
	{"67108864B", 64 * MIB},
};

static void understands_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		char line[100];
		snprintf(line, sizeof(line), "-m %s i", sizes[i].text);
		parse(line);
		assert_int_equal(options.memory, sizes[i].size);
	}
}

/* ---- Refused ------------------------------------------------------------------ */

static const struct {
	const char *line, *message; /* a part of the one line */
} wrong[] = {
	{"", "no image is given"},
	{"--bogus i", "--bogus: no such option"},
	{"-x i", "-x: no such option"},
	{"--stats=1 i", "--stats=1: it takes no value"},
	{"i -m", "-m: it needs a value"},
	{"i --tempdir", "--tempdir: it needs a value"},
	{"-m 0 i", "--memory-size=0: too little, at least 16MiB"},
	{"-m 14MiB i", "--memory-size=14MiB: too little"},
	{"-m 17MiB i", "--memory-size=17MiB: not a multiple of 2MiB"},
	{"-m 64MB i", "--memory-size=64MB: not a size"},
	{"-m -64MiB i", "--memory-size=-64MiB: not a size"},
	{"-m 64x i", "--memory-size=64x: not a size"},
	{"-m 99999999999999999999 i", "not a size"},
	{"-m 99999999999GiB i", "not a size"},
	{"-c 0 i", "--cpu-count=0: not a number from 1 to 64"},
	{"-c 65 i", "--cpu-count=65: not a number"},
	{"-c 1x i", "--cpu-count=1x: not a number"},
	{"--time-limit=0 i", "--time-limit=0: not a number of seconds"},
	{"--time-limit=1000001 i", "--time-limit=1000001: not a number"},
	{"--time-limit=-1 i", "--time-limit=-1: not a number"},
	{"--time-limit=1s i", "--time-limit=1s: not a number"},
	{"--time-limit= i", "--time-limit=: not a number"},
	{"--file-mapping x i", "--file-mapping=x: not of the form HOST:GUEST"},
	{"--file-mapping :/x i", "not of the form HOST:GUEST"},
	{"--file-mapping x: i", "not of the form HOST:GUEST"},
	{"-e A i", "--env-vars=A: not of the form NAME=VALUE"},
	{"-e =x i", "not of the form NAME=VALUE"},
	{"--trace=xml i", "--trace=xml: neither text nor json"},
	{"--file-isolation=x i", "--file-isolation=x: neither"},
};

/* Parses in a child; gives its exit status and what it said. */
static int status_of(const char *text, char *said, size_t size)
{
	int ends[2], status;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	if (child == 0) {
		char line[100];
		dup2(ends[1], STDERR_FILENO);
		strcpy(line, text);
		parse(line);
		_exit(0);
	}
	close(ends[1]);
	ssize_t n = read(ends[0], said, size - 1);
	said[n > 0 ? n : 0] = '\0';
	close(ends[0]);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void refuses_in_one_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		char said[400];
		int status = status_of(wrong[i].line, said, sizeof(said));
		if (status != STATUS_USAGE)
			fail_msg("%s: status %d", wrong[i].line, status);
		if (strncmp(said, "uhyve-ref: ", 11) != 0 ||
		    !strstr(said, wrong[i].message) ||
		    strchr(said, '\n') != said + strlen(said) - 1)
			fail_msg("%s: %s", wrong[i].line, said);
	}
}

int option_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(everything),
		cmocka_unit_test(separates_arguments),
		cmocka_unit_test(understands_sizes),
		cmocka_unit_test(refuses_in_one_line),
	};
	return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
