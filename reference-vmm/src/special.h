/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is no ordinary file: names in procfs, sysfs and the like act on the host's
 * kernel or on this very process, devices and sockets on others.
 */
#ifndef SPECIAL_H
#define SPECIAL_H

#include <stdbool.h>
#include <sys/stat.h>

/* Whether the descriptor lies in a file system that is an interface of the kernel. */
bool special_filesystem(int fd);

/* Devices and sockets; FIFOs are ordinary, a guest never waits for their end. */
bool special_file(mode_t mode);

#endif
