/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Freedoms: the reference VMM, doing otherwise where the specification leaves
 * that open. A row has the name of a `> Freedom:` of spec/, and how it goes
 * with others; README.md says more.
 */
#ifndef FREEDOMS_H
#define FREEDOMS_H

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../seams/seams.h"

/* How a freedom goes with others: the second column of --list-freedoms. */
#define TOGETHER "together"
#define APART "apart"
#define WITHOUT(capability) "without " capability

/* True if the freedom of this name is one of those of this run. */
bool freedom_chosen(const char *name);

/*
 * The wrapper that runs behaves differently than the VMM would. `make freedoms`
 * learns from it which guests a freedom can touch.
 */
void taken(void);
/* The same for a freedom of that name, where one wrapper serves several. */
void taken_as(const char *name);

/* A number from low to high; with --freedoms=SEED another one for each seed. */
unsigned strength(unsigned low, unsigned high);

static inline void pause_ms(int milliseconds)
{
	poll(NULL, 0, milliseconds);
}

#endif
