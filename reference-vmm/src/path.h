/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names as the guest gives them (spec chapter on paths, UHY-PATH). */
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the longest path with its NUL, as on Linux. */
#define PATH_SIZE 4096
/* The same for clean ones: a relative path grows by its first slash. */
#define PATH_CLEAN_SIZE (PATH_SIZE + 1)

/*
 * Writes the absolute form of path to clean: one slash before each component,
 * no ".", no "..", "/" for the root. A relative path is the same as an absolute
 * one; ".." goes up lexically and stays at the root. -ENOENT for the empty
 * path, -EINVAL for bytes that are not UTF-8, -ENAMETOOLONG from PATH_SIZE
 * bytes on.
 */
int path_clean(const char *path, char clean[PATH_CLEAN_SIZE]);

bool path_is_utf8(const char *text);

/*
 * What follows dir in path, both clean: "" when they are the same, NULL when
 * path does not lie at or below dir.
 */
const char *path_below(const char *path, const char *dir);

#endif
