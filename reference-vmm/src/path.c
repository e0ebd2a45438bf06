/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "path.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/*
 * The length of the UTF-8 sequence at s, 0 when it is none: no overlong forms,
 * no surrogates, nothing above U+10FFFF (RFC 3629). A NUL ends every sequence.
 */
/*@
  requires valid_read_string(s) && s[0] != 0;
  assigns \nothing;
  ensures 0 <= \result <= 4 && \result <= strlen(s);
*/
static size_t utf8_length(const char *s)
{
	unsigned char first = (unsigned char)s[0];
	unsigned char low = 0x80, high = 0xbf;

	if (first < 0x80)
		return 1;
	if (first < 0xc2 || first > 0xf4)
		return 0;
	size_t more = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
	if (first == 0xe0)
		low = 0xa0;
	else if (first == 0xed)
		high = 0x9f;
	else if (first == 0xf0)
		low = 0x90;
	else if (first == 0xf4)
		high = 0x8f;
	unsigned char second = (unsigned char)s[1];
	if (second < low || second > high)
		return 0;
	/*@
	  loop invariant 2 <= i <= more + 1 && i <= strlen(s);
	  loop assigns i;
	  loop variant more - i;
	*/
	for (size_t i = 2; i <= more; i++) {
		unsigned char next = (unsigned char)s[i];
		if (next < 0x80 || next > 0xbf)
			return 0;
	}
	return more + 1;
}

bool path_is_utf8(const char *text)
{
	/*@
	  loop invariant valid_read_string(text);
	  loop assigns text;
	  loop variant strlen(text);
	*/
	while (*text) {
		size_t length = utf8_length(text);
		if (length == 0)
			return false;
		text += length;
	}
	return true;
}

/* Without its last component. UHY-PATH-023, -025, -026: up, but not above. */
/*@
  requires \valid_read(clean + (0 .. end - 1)) && clean_until(clean, end);
  assigns \nothing;
  ensures \result <= end && clean_until(clean, \result);
*/
static size_t up(const char *clean, size_t end)
{
	/*@
	  loop invariant 0 <= end <= \at(end, Pre);
	  loop assigns end;
	  loop variant end;
	*/
	while (end > 0 && clean[--end] != '/')
		;
	return end;
}

/* Adds path[from .. to - 1]; the new end, or 0 when it does not fit. */
/*@
  requires \valid(clean + (0 .. PATH_CLEAN_SIZE - 1));
  requires end < PATH_CLEAN_SIZE && clean_until(clean, end);
  requires \valid_read(path + (from .. to - 1)) && is_name(path, from, to);
  requires \base_addr(path) != \base_addr(clean);
  assigns clean[0 .. PATH_CLEAN_SIZE - 1];
  ensures \result < PATH_CLEAN_SIZE && clean_until(clean, \result);
  ensures \result == 0 <==> end + 1 + (to - from) >= PATH_CLEAN_SIZE;
*/
static size_t append(char *clean, size_t end, const char *path, size_t from,
		     size_t to)
{
	size_t room = PATH_CLEAN_SIZE - 1 - end;
	if (to - from >= room)
		return 0;
	clean[end++] = '/';
	/*@
	  loop invariant \at(from, Pre) <= from <= to;
	  loop invariant end == \at(end, Pre) + 1 + (from - \at(from, Pre));
	  loop invariant end + (to - from) < PATH_CLEAN_SIZE;
	  loop invariant \forall integer i; 0 <= i < \at(end, Pre) ==>
	    clean[i] == \at(clean[i], Pre);
	  loop invariant clean[\at(end, Pre)] == '/';
	  loop invariant \forall integer i; \at(end, Pre) < i < end ==>
	    clean[i] != '/' && clean[i] != 0;
	  loop invariant from > \at(from, Pre) ==>
	    clean[\at(end, Pre) + 1] == path[\at(from, Pre)];
	  loop invariant from > \at(from, Pre) + 1 ==>
	    clean[\at(end, Pre) + 2] == path[\at(from, Pre) + 1];
	  loop assigns end, from, clean[0 .. PATH_CLEAN_SIZE - 1];
	  loop variant to - from;
	*/
	while (from < to)
		clean[end++] = path[from++];
	//@ assert clean_until(clean, \at(end, Pre));
	//@ assert !dots_at(clean, \at(end, Pre) + 1, end);
	/*@
	  assert \forall integer i; 0 <= i < \at(end, Pre) && clean[i] == '/' ==>
	    clean[i + 1] != '/' && !dots_at(clean, i + 1, end);
	*/
	return end;
}

int path_clean(const char *path, char clean[PATH_CLEAN_SIZE])
{
	size_t at = 0, end = 0;

	if (path[0] == '\0')
		return -ENOENT; /* UHY-PATH-009, -010 */
	if (!path_is_utf8(path))
		return -EINVAL; /* UHY-PATH-007 */
	/*@
	  loop invariant 0 <= at <= \at(strlen(path), Pre);
	  loop invariant path[\at(strlen(path), Pre)] == 0;
	  loop invariant end < PATH_CLEAN_SIZE && clean_until(clean, end);
	  loop assigns at, end, clean[0 .. PATH_CLEAN_SIZE - 1];
	  loop variant \at(strlen(path), Pre) - at;
	*/
	while (path[at]) {
		size_t from = at;
		/*@
		  loop invariant from <= at <= \at(strlen(path), Pre);
		  loop invariant \forall integer i; from <= i < at ==>
		    path[i] != 0 && path[i] != '/';
		  loop assigns at;
		  loop variant \at(strlen(path), Pre) - at;
		*/
		while (path[at] && path[at] != '/')
			at++;
		if (at - from == 2 && path[from] == '.' &&
		    path[from + 1] == '.') {
			end = up(clean, end);
		} else if (at - from > 1 ||
			   (at - from == 1 && path[from] != '.')) {
			end = append(clean, end, path, from, at);
			if (end == 0)
				return -ENAMETOOLONG;
		}
		if (path[at] == '/')
			at++;
	}
	if (end == 0)
		clean[end++] = '/';
	clean[end] = '\0';
	//@ assert end == 1 && clean[0] == '/' || clean_until(clean, end);
	//@ assert strlen(clean) == end;
	return 0;
}

const char *path_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	if (dir[0] == '/' && dir[1] == '\0')
		return path + 1;
	if (strncmp(path, dir, length) != 0)
		return NULL;
	if (path[length] == '/')
		return path + length + 1;
	return path[length] == '\0' ? path + length : NULL;
}
