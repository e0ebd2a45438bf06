/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "fdt.h"

GUEST(
	summary = "arguments and environment in the device tree",
	variants = {
		"kernel" = { kernel_args = ["one=1", "two"] },
		"application" = { args = ["first", "second"] },
		"both" = { kernel_args = ["one=1", "two"], args = ["first", "second"] },
		"environment" = { env = { "NAME" = "value", "OTHER" = "thing" },
			args = ["first"] },
		"blanks" = { kernel_args = ["'one", "word'", "two  blanks"],
			args = ["a b", "\"c\"", "$d"] },
		"quoted" = { env = { "NAME" = "it's \"two\"  words $HOME \\ end" }, args = ["first"] }
	}
)

static const char *bootargs;
static uint32_t length;

/* True if it is exactly that, blanks at the ends aside. */
static bool is(const char *text)
{
	const char *from = bootargs;
	size_t n = strlen(bootargs);
	while (n && *from == ' ')
		from++, n--;
	while (n && from[n - 1] == ' ')
		n--;
	return n == strlen(text) && !memcmp(from, text, n);
}

/* The position of the word, or -1. */
static int64_t where(const char *word)
{
	size_t n = strlen(word), all = strlen(bootargs);
	for (size_t at = 0; at + n <= all; at++)
		if (!memcmp(bootargs + at, word, n) &&
		    (at == 0 || bootargs[at - 1] == ' ') &&
		    (bootargs[at + n] == ' ' || !bootargs[at + n]))
			return (int64_t)at;
	return -1;
}

/*
 * The word of a POSIX shell that begins at *at, up to size bytes, without its
 * quotes; *at moves past it. False where a quote does not end.
 */
static bool shell_word(const char **at, char *word, size_t size)
{
	char quote = '\0';
	size_t n = 0;
	while (**at == ' ')
		++*at;
	for (; **at && (quote || **at != ' '); ++*at) {
		const char c = **at, next = (*at)[1];
		if (quote ? c == quote : c == '\'' || c == '"') {
			quote = quote ? '\0' : c;
			continue;
		}
		if (c == '\\' && next &&
		    (!quote || (quote == '"' && (next == '"' || next == '\\' ||
						 next == '$' || next == '`'))))
			++*at;
		if (n + 1 < size)
			word[n++] = **at;
	}
	word[n] = '\0';
	return !quote;
}

static void expect_word(const char *expected)
{
	static char word[128];
	const char *at = bootargs;
	while (*at) {
		expect(shell_word(&at, word, sizeof(word)));
		if (strlen(word) == strlen(expected) &&
		    !memcmp(word, expected, strlen(word)))
			return;
	}
	expect_true(false, "the word is there");
}

void guest_main(void)
{
	bootargs = fdt_property("/chosen", "bootargs", &length);
	if (!bootargs)
		bootargs = "";
	say("# bootargs: %s", bootargs);
	TEST_IN(VARIANT(0), "UHY-BOOT-086", "kernel arguments alone")
	{
		expect(is("one=1 two"));
	}
	TEST_IN(VARIANT(1), "UHY-BOOT-087", "application arguments alone")
	{
		expect(is("-- first second"));
	}
	TEST_IN(VARIANT(2), "UHY-BOOT-086", "kernel arguments come first")
	{
		expect_eq(where("one=1"), 0);
		expect_eq(where("two"), 6);
		expect(where("two") < where("--"));
	}
	TEST_IN(VARIANT(2), "UHY-BOOT-087", "application arguments follow --")
	{
		expect(is("one=1 two -- first second"));
	}
	TEST_IN(VARIANT(3), "UHY-BOOT-088", "two variables in any order")
	{
		expect(where("--") > 0);
		expect_between(where("env=NAME=value"), 0, where("--"));
		expect_between(where("env=OTHER=thing"), 0, where("--"));
	}
	TEST_IN(VARIANT(4), "UHY-BOOT-090", "no byte more, no byte less")
	{
		expect(is("'one word' two  blanks -- a b \"c\" $d"));
	}
	TEST_IN(VARIANT(5), "UHY-BOOT-091", "one word of a shell")
	{
		expect_word("env=NAME=it's \"two\"  words $HOME \\ end");
	}
}
