/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "path.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/*
 * The length of the UTF-8 sequence at s, 0 when it is none: no overlong forms,
 * no surrogates, nothing above U+10FFFF (RFC 3629). A NUL ends every sequence.
 */
static size_t utf8_length(const unsigned char *s)
{
	unsigned char low = 0x80, high = 0xbf;
	size_t more;

	if (s[0] < 0x80)
		return 1;
	if (s[0] < 0xc2 || s[0] > 0xf4)
		return 0;
	more = s[0] < 0xe0 ? 1 : s[0] < 0xf0 ? 2 : 3;
	if (s[0] == 0xe0)
		low = 0xa0;
	else if (s[0] == 0xed)
		high = 0x9f;
	else if (s[0] == 0xf0)
		low = 0x90;
	else if (s[0] == 0xf4)
		high = 0x8f;
	if (s[1] < low || s[1] > high)
		return 0;
	for (size_t i = 2; i <= more; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return more + 1;
}

bool path_is_utf8(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;

	while (*s) {
		size_t length = utf8_length(s);
		if (length == 0)
			return false;
		s += length;
	}
	return true;
}

int path_clean(const char *path, char clean[PATH_CLEAN_SIZE])
{
	size_t end = 0;

	if (*path == '\0')
		return -ENOENT; /* UHY-PATH-009, -010 */
	if (!path_is_utf8(path))
		return -EINVAL; /* UHY-PATH-007 */
	while (*path) {
		size_t length = strcspn(path, "/");
		if (length == 2 && memcmp(path, "..", 2) == 0) {
			/* UHY-PATH-023, -025, -026: up, but not above. */
			while (end > 0 && clean[--end] != '/')
				;
		} else if (length > 1 || (length == 1 && *path != '.')) {
			if (end + 1 + length >= PATH_CLEAN_SIZE)
				return -ENAMETOOLONG;
			clean[end++] = '/';
			memcpy(clean + end, path, length);
			end += length;
		}
		path += length;
		path += strspn(path, "/");
	}
	if (end == 0)
		clean[end++] = '/';
	clean[end] = '\0';
	return 0;
}

const char *path_below(const char *path, const char *dir)
{
	size_t length = strlen(dir);

	if (strcmp(dir, "/") == 0)
		return path + 1;
	if (strncmp(path, dir, length) != 0)
		return NULL;
	if (path[length] == '/')
		return path + length + 1;
	return path[length] == '\0' ? path + length : NULL;
}
