/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Which mapping a guest's path belongs to, by binary search. Mappings are sorted so
 * that each comes right before everything below it; the mapping that holds a path is
 * then the last one that is not greater, or one of those that hold that one.
 */
#include <errno.h>
#include <stdlib.h>

#include "names.h"

/* '/' comes before every other byte: "/a", "/a/b", "/a.b". */
static int byte_order(char c)
{
	return c == '\0' ? 0 : c == '/' ? 1 : 2 + (unsigned char)c;
}

static int path_order(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return byte_order(*a) - byte_order(*b);
}

/* Private storage comes before a mapping of the root, which hides it. */
static int mapping_order(const void *one, const void *other)
{
	const struct mapping *a = one, *b = other;
	int order = path_order(a->guest, b->guest);

	return order ? order : (int)b->private - (int)a->private;
}

const struct mapping *names_sort(struct names *names)
{
	struct mapping *all = names->mappings;

	qsort(all, names->count, sizeof(*all), mapping_order);
	for (unsigned i = 1; i < names->count; i++) {
		unsigned holder = i - 1;
		if (mapping_order(&all[i - 1], &all[i]) == 0)
			return &all[i];
		while (!path_below(all[i].guest, all[holder].guest))
			holder = all[holder].holder;
		all[i].holder = holder;
	}
	return NULL;
}

const struct mapping *names_lookup(const struct names *names, const char *path,
				   const char **rest)
{
	const struct mapping *all = names->mappings;
	unsigned low = 0, high = names->count;

	/* all[low] is not greater than path, all[high] is. */
	while (high - low > 1) {
		unsigned middle = low + (high - low) / 2;
		if (path_order(all[middle].guest, path) <= 0)
			low = middle;
		else
			high = middle;
	}
	/* The root, the first one, holds every path. */
	while (!(*rest = path_below(path, all[low].guest)))
		low = all[low].holder;
	return &all[low];
}
