/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names as the guest gives them (spec chapter on paths, UHY-PATH). */
#ifndef PATH_H
#define PATH_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

/* Bytes of the longest path with its NUL, as on Linux. */
#define PATH_SIZE 4096
/* The same for clean ones: a relative path grows by its first slash. */
#define PATH_CLEAN_SIZE (PATH_SIZE + 1)

/*
 * Comments that begin with an at sign are contracts, which `make prove` checks
 * for all inputs (proof/README.md); their integers are unbounded.
 */
/*@
  // "." or "..", up to the next slash or the end.
  predicate dots_at(char *s, integer i, integer end) =
    i < end && s[i] == '.' &&
    (i + 1 == end || s[i + 1] == '/' ||
     s[i + 1] == '.' && (i + 2 == end || s[i + 2] == '/'));

  // One component that is neither.
  predicate is_name(char *s, integer from, integer to) =
    from < to && (\forall integer i; from <= i < to ==>
      s[i] != 0 && s[i] != '/') &&
    !(to - from == 1 && s[from] == '.') &&
    !(to - from == 2 && s[from] == '.' && s[from + 1] == '.');

  // Nothing, or components with one slash before each, none of them dots.
  predicate clean_until(char *s, integer end) =
    0 <= end && (end > 0 ==> s[0] == '/' && s[end - 1] != '/') &&
    (\forall integer i; 0 <= i < end ==> s[i] != 0) &&
    (\forall integer i; 0 <= i < end && s[i] == '/' ==>
      s[i + 1] != '/' && !dots_at(s, i + 1, end));
*/

/*
 * Writes the absolute form of path to clean: one slash before each component,
 * no ".", no "..", "/" for the root. A relative path is the same as an absolute
 * one; ".." goes up lexically and stays at the root. -ENOENT for the empty
 * path, -EINVAL for bytes that are not UTF-8, -ENAMETOOLONG from PATH_SIZE
 * bytes on.
 */
/*@
  requires valid_read_string(path) && strlen(path) < 0x7fffffff;
  requires \valid(clean + (0 .. PATH_CLEAN_SIZE - 1));
  requires \base_addr(path) != \base_addr(clean);
  assigns clean[0 .. PATH_CLEAN_SIZE - 1];
  ensures \result == 0 || \result == -ENOENT || \result == -EINVAL ||
    \result == -ENAMETOOLONG;
  ensures \result == -ENOENT <==> \old(path[0] == 0);
  ensures \result == 0 ==> valid_read_string(clean) && clean[0] == '/' &&
    strlen(clean) < PATH_CLEAN_SIZE &&
    (strlen(clean) == 1 || clean_until(clean, strlen(clean)));
*/
int path_clean(const char *path, char clean[PATH_CLEAN_SIZE]);

/*@
  requires valid_read_string(text);
  assigns \nothing;
*/
bool path_is_utf8(const char *text);

/*
 * What follows dir in path, both clean: "" when they are the same, NULL when
 * path does not lie at or below dir.
 */
/*@
  requires valid_read_string(path) && strlen(path) > 0;
  requires valid_read_string(dir) && strlen(dir) > 0;
  assigns \nothing;
  ensures \result == \null || valid_read_string(\result) &&
    path < \result <= path + strlen(path);
*/
const char *path_below(const char *path, const char *dir);

#endif
