/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The command line of the guest (UHY-BOOT-086 to 089). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boot.h"

/* A shell takes this byte as itself. */
static bool plain(char c)
{
	return isalnum((unsigned char)c) || (c && strchr("-_=/,.+:@%", c)) ||
	       (unsigned char)c >= 0x80;
}

/* len bytes as one word of a shell. */
static void put_quoted(FILE *to, const char *bytes, size_t len)
{
	bool quote = len == 0;
	for (size_t i = 0; i < len; i++)
		quote = quote || !plain(bytes[i]);
	if (quote)
		putc('\'', to);
	for (size_t i = 0; i < len; i++)
		if (bytes[i] == '\'')
			fputs("'\\''", to);
		else
			putc(bytes[i], to);
	if (quote)
		putc('\'', to);
}

static void put_env(FILE *to, const char *variable)
{
	size_t name = strcspn(variable, "=");
	const char *value = variable + name + (variable[name] == '=');
	fputs("env=", to);
	put_quoted(to, variable, name);
	putc('=', to);
	put_quoted(to, value, strlen(value));
}

char *bootargs_build(const char *const *kernel, unsigned kernel_count,
		     const char *const *env, unsigned env_count,
		     const char *const *app, unsigned app_count)
{
	char *text = NULL;
	size_t size;
	FILE *to = open_memstream(&text, &size);
	if (!to)
		return NULL;
	const char *blank = "";
	for (unsigned i = 0; i < kernel_count; i++, blank = " ")
		fprintf(to, "%s%s", blank, kernel[i]);
	for (unsigned i = 0; i < env_count; i++, blank = " ") {
		fputs(blank, to);
		put_env(to, env[i]);
	}
	if (app_count)
		fprintf(to, "%s--", blank);
	for (unsigned i = 0; i < app_count; i++)
		fprintf(to, " %s", app[i]);
	if (fclose(to)) {
		free(text);
		return NULL;
	}
	return text;
}
