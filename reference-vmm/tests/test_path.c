/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lexical cleaning and UTF-8. */
#include <errno.h>
#include <string.h>

#include "fake.h"

static void cleaning(void **state)
{
	static const char *const cases[][2] = {
		{"/", "/"},
		{".", "/"},
		{"..", "/"},
		{"/..", "/"},
		{"a", "/a"},
		{"/a", "/a"},
		{"/a/", "/a"},
		{"//a///b//", "/a/b"},
		{"./a/./b/.", "/a/b"},
		{"a/../b", "/b"},
		{"/a/b/../..", "/"},
		{"../../a", "/a"},
		{"/a/../../../b/c/..", "/b"},
		{"/...", "/..."},
		{"/.a", "/.a"},
		{"/..a/b..", "/..a/b.."},
		{"/a/.b/..", "/a"},
		{"/ /\t", "/ /\t"},
		{"/\xc3\xa4/\xf0\x9f\x98\x80", "/\xc3\xa4/\xf0\x9f\x98\x80"},
	};
	char clean[PATH_CLEAN_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(path_clean(cases[i][0], clean), 0);
		assert_string_equal(clean, cases[i][1]);
	}
	assert_int_equal(path_clean("", clean), -ENOENT);
	assert_int_equal(path_clean("/\xff", clean), -EINVAL);
}

/* Names of the greatest length, relative and absolute, and one byte more. */
static void lengths(void **state)
{
	char path[PATH_SIZE + 8], clean[PATH_CLEAN_SIZE];

	(void)state;
	memset(path, 'x', sizeof(path));
	path[PATH_SIZE - 1] = '\0';
	assert_int_equal(path_clean(path, clean), 0);
	assert_int_equal(strlen(clean), PATH_SIZE);
	path[0] = '/';
	assert_int_equal(path_clean(path, clean), 0);
	assert_int_equal(strlen(clean), PATH_SIZE - 1);
	path[0] = 'x';
	path[PATH_SIZE - 1] = 'x';
	path[PATH_SIZE] = '\0';
	assert_int_equal(path_clean(path, clean), -ENAMETOOLONG);
	/* Slashes alone are a short name. */
	memset(path, '/', PATH_SIZE - 1);
	path[PATH_SIZE - 1] = '\0';
	assert_int_equal(path_clean(path, clean), 0);
	assert_string_equal(clean, "/");
}

static void utf8(void **state)
{
	static const char *const good[] = {
		"",
		"a",
		"\x7f",
		"\xc2\x80",
		"\xdf\xbf",
		"\xe0\xa0\x80",
		"\xed\x9f\xbf",
		"\xee\x80\x80",
		"\xef\xbf\xbf",
		"\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf",
	};
	static const char *const bad[] = {
		"\x80",
		"\xbf",
		"\xc0\x80",
		"\xc1\xbf",
		"\xc2",
		"\xc2\x41",
		"\xe0\x9f\xbf",
		"\xe1\x80",
		"\xe1\x80\x41",
		"\xed\xa0\x80",
		"\xf0\x8f\xbf\xbf",
		"\xf0\x90\x80",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
		"a\xfe",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!path_is_utf8(good[i]))
			fail_msg("good %zu", i);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (path_is_utf8(bad[i]))
			fail_msg("bad %zu", i);
}

static void below(void **state)
{
	(void)state;
	assert_string_equal(path_below("/a/b", "/a"), "b");
	assert_string_equal(path_below("/a", "/a"), "");
	assert_string_equal(path_below("/a/b", "/"), "a/b");
	assert_string_equal(path_below("/", "/"), "");
	assert_null(path_below("/ab", "/a"));
	assert_null(path_below("/a", "/a/b"));
	assert_null(path_below("/", "/a"));
}

int path_tests(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cleaning),
		cmocka_unit_test(lengths),
		cmocka_unit_test(utf8),
		cmocka_unit_test(below),
	};

	return cmocka_run_group_tests_name("paths", tests, NULL, NULL);
}
