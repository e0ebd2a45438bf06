/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Any environment: whoever splits the guest's command line as a shell does finds
 * the same variables again, and no other word. The input is strings, each with a
 * NUL after it.
 */
#include "boot.h"
#include "fuzz.h"

#define STRINGS 64

/*
 * The next word at *at, without its quotes, to word; false when there is none.
 * Outside quotes a backslash takes the next byte as it is.
 */
static bool next_word(const char **at, char *word)
{
	const char *c = *at + strspn(*at, " ");
	bool any = false, quoted = false;

	for (; *c && (quoted || *c != ' '); c++, any = true) {
		if (*c == '\'') {
			quoted = !quoted;
			continue;
		}
		bool escaped = !quoted && *c == '\\';
		c += escaped;
		PROMISE(*c);
		/* Nothing that a shell would not take as itself. */
		PROMISE(quoted || escaped ||
			!strchr("\t\n\"$`;&|<>()*?[]#~!{}^", *c));
		*word++ = *c;
	}
	PROMISE(!quoted);
	*word = '\0';
	*at = c;
	return any;
}

static void check(const char *text, const char *const *env, unsigned count)
{
	char *word = malloc(strlen(text) + 1);

	PROMISE(word);
	for (unsigned i = 0; i < count; i++) {
		size_t name = strcspn(env[i], "=");
		PROMISE(next_word(&text, word));
		PROMISE(strncmp(word, "env=", 4) == 0);
		PROMISE(strncmp(word + 4, env[i], name) == 0);
		PROMISE(word[4 + name] == '=');
		PROMISE(strcmp(word + 4 + name + 1,
			       env[i] + name + (env[i][name] == '=')) == 0);
	}
	PROMISE(next_word(&text, word) && strcmp(word, "--") == 0);
	PROMISE(next_word(&text, word) && strcmp(word, "last") == 0);
	PROMISE(!next_word(&text, word));
	free(word);
}

int fuzz_bootargs(const uint8_t *bytes, size_t size)
{
	static const char *const last = "last";
	const char *strings[STRINGS];
	char *copy = malloc(size + 1);
	unsigned count = 0;

	PROMISE(copy);
	memcpy(copy, bytes, size);
	copy[size] = '\0';
	for (size_t at = 0; at < size && count < STRINGS;
	     at += strlen(copy + at) + 1)
		strings[count++] = copy + at;
	char *text = bootargs_build(NULL, 0, strings, count, &last, 1);
	PROMISE(text);
	check(text, strings, count);
	free(text);
	free(copy);
	return 0;
}
