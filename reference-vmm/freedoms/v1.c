/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Freedoms of version 1. */
#include <stdlib.h>

#include "freedoms.h"

static unsigned application_words; /* arguments after the second "--" */

/* glibc gives a constructor the arguments of main(). */
__attribute__((constructor)) static void count_words(int argc, char **argv)
{
	unsigned separators = 0;

	for (int i = 1; i < argc; i++) {
		application_words += separators == 2;
		separators += separators < 2 && !strcmp(argv[i], "--");
	}
}

/* The list of arguments with "--" in front of those of the application. */
static void add_separator(struct services *services)
{
	unsigned kernel = services->argc - application_words;
	const char **argv = calloc(services->argc + 1, sizeof(*argv));

	if (!argv)
		return;
	memcpy(argv, services->argv, kernel * sizeof(*argv));
	argv[kernel] = "--";
	memcpy(argv + kernel + 1, services->argv + kernel,
	       application_words * sizeof(*argv));
	services->argv = argv;
	services->argc++;
}

static enum call_outcome separated(const struct call_table *table,
				   struct call *call)
{
	static bool done;

	if (!done && application_words && call->number == UHYVE_V1_CMDSIZE) {
		done = true;
		taken();
		add_separator(call->services);
	}
	return call_write(table, call);
}

static const struct variant rows[] = {
	{"v1-separator", TOGETHER, "the word `--` is an argument, too",
	 .call_write = separated},
};
VARIANTS(rows);
