/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the program says on standard error, one line each, and the exit statuses
 * that are not the guest's (uhyve-ref.1, EXIT STATUS).
 */
#ifndef MESSAGE_H
#define MESSAGE_H

#include <stddef.h>

enum status {
	STATUS_HOST = 1,  /* host or configuration: nothing of the guest */
	STATUS_USAGE = 2, /* the command line */
	STATUS_BROKEN_RULE =
		3,            /* the guest broke a MUST, no field reports it */
	STATUS_DEAD_GUEST = 4 /* triple fault, or KVM cannot continue */
};

#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* Says why and ends the program with STATUS_HOST or STATUS_USAGE. */
_Noreturn void die(const char *format, ...) PRINTF_LIKE(1, 2);
_Noreturn void die_usage(const char *format, ...) PRINTF_LIKE(1, 2);

/* Says something that does not end the program. */
void warning(const char *format, ...) PRINTF_LIKE(1, 2);

/* Why something was refused: one phrase for the user. */
struct why {
	char text[240];
	int reason; /* a number of the caller's for it; 0: none */
};

/*@
  assigns *why;
  ensures \result == -1;
*/
/* Fills why and gives -1, for "return refuse(why, ...)". */
int refuse(struct why *why, const char *format, ...) PRINTF_LIKE(2, 3);

/*@
  assigns *why;
  ensures \result == -1;
*/
/* The same, for a program that asks for the reason. */
int refuse_for(struct why *why, int reason, const char *format, ...)
	PRINTF_LIKE(3, 4);

#endif
