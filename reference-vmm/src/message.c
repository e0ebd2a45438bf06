/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "message.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* One write for one line, so that lines of several threads do not mix. */
static void say(const char *format, va_list arguments, const char *end)
{
	char line[512];
	vsnprintf(line, sizeof(line), format, arguments);
	fprintf(stderr, "uhyve-ref: %s%s\n", line, end);
}

void die(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say(format, arguments, "");
	va_end(arguments);
	exit(STATUS_HOST);
}

void die_usage(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say(format, arguments, "; see uhyve-ref --help");
	va_end(arguments);
	exit(STATUS_USAGE);
}

void warning(const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	say(format, arguments, "");
	va_end(arguments);
}

int refuse(struct why *why, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(why->text, sizeof(why->text), format, arguments);
	va_end(arguments);
	why->reason = 0;
	return -1;
}

int refuse_for(struct why *why, int reason, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(why->text, sizeof(why->text), format, arguments);
	va_end(arguments);
	why->reason = reason;
	return -1;
}
