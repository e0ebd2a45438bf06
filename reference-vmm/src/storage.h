/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Private storage on the host: a directory of its own for each run, gone when
 * the run is. A run holds a lock on it while it lives, by which one that was
 * killed is told from one that is still there.
 */
#ifndef STORAGE_H
#define STORAGE_H

/*
 * Makes and locks a fresh directory in parent; its descriptor, with its path in
 * malloc'ed memory, or -errno and no path.
 */
int storage_make(const char *parent, char **path);

/*
 * Removes the directory with everything in it: any number of entries, as deep
 * as paths of guests can lead. It uses one or two descriptors and only functions
 * that a signal handler may call. 0, also when it is gone already, or -errno
 * when something stays.
 */
int storage_remove(const char *path);

/*
 * Removes what runs that were killed left in parent; calls said with each path
 * and 0 or -errno. How many could not be removed, or -errno for parent itself.
 */
int storage_sweep(const char *parent,
		  void (*said)(const char *path, int error));

#endif
