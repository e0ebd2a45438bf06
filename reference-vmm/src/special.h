/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Files that are not ordinary: names in procfs, sysfs and the like act on the host's
 * kernel or on this very process, devices and sockets on others.
 */
#ifndef SPECIAL_H
#define SPECIAL_H

#include <stdbool.h>
#include <sys/stat.h>

/* True if the descriptor lies in a file system that is an interface of the kernel. */
bool special_filesystem(int fd);

/* True if devices can be opened below a mapping, without crossing a mount. */
enum devices {
	DEVICES_NEVER,  /* mounted nodev: the kernel refuses them */
	DEVICES_HARDLY, /* a disk's file system, where they have no purpose */
	DEVICES_LIKELY, /* in memory as /dev is; or it cannot be told */
};

enum devices special_devices(int fd);

/* Devices and sockets; FIFOs are ordinary, a guest never waits for their end. */
bool special_file(mode_t mode);

#endif
